#pragma once
// What corrections and disputed fills do to a slot's state. Shared by live turns and replay; neither can fail.

#include "actors/trading/oms/correction_messages.hpp"
#include "actors/trading/oms/state.hpp"
#include "runtime/actor/core.hpp"

namespace troupe::oms {

/// The holding changes as by a fill. An order that is still open knows an execution of its venue from now on, so that it is never folded besides.
void fold_correction(state& s, const position_corrected& e, actor::archive& rows);
/// No position changes. An order that is still open takes a repeat of the fill for one: whatever it could take by then, an operator books it or nobody.
void fold_disputed_fill(state& s, const fill_disputed& e, actor::archive& rows);

} // namespace troupe::oms
