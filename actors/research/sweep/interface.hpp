#pragma once
// Everything one may say to the orchestrator of a sweep, and to the one that ships its feed.

#include "actors/research/sweep/messages.hpp"
#include "runtime/actor/core.hpp"

namespace troupe::sweep {

using protocol = actor::protocol<
  // What the sweep is. Once; saying the same again changes nothing. Refused: it is another sweep.
  actor::ask<begin, begin_reply>,
  // A worker brings results and asks for trials. Answered when the results are durable; the worker keeps them until then.
  actor::ask<work_request, work>,
  // What a worker had goes to others. Not recorded: who has what is forgotten with the process.
  actor::tell<worker_lost>,
  // What to run and how; for workers that come.
  actor::query<plan_query, plan>,
  // How far it is.
  actor::query<progress_query, progress>>;

/// The feed's server: no history, reads the file.
using feed_protocol = actor::protocol<
  // One piece, as often as asked. Refused: it is another feed, the offset lies behind its end, the file cannot be read.
  actor::query<chunk_request, chunk>>;

} // namespace troupe::sweep
