"""What the tables of a recording mean, for people with the ``sqlite3`` shell. What is in SQL here is run by a test."""

from typing import Final

_TABLES: Final = """\
A recording is an SQLite file (application_id 0x4D505443, user_version 1 is this schema). Read it with
`sqlite3 -readonly FILE`; it may be written meanwhile. Times that people read are UTC. What is not known is NULL.

VIEWS, for people
  readings   time, target, counter, value, rate, label, panel, severity: a row a counter and a sample. rate is per
             second; NULL for a gauge, after a reset, for the first sample, and while an appliance had nothing new.
             Ask for a counter, or for little time: all of it is a hundred rows a sample.
  rises      since, target, counter, total, peak_rate, last_rise, state: how errors rose (state: rising, over).
  happened   time, target, kind, says: kind is reset, lost, back, role, worse, alert, over, interval, first or failed.

TABLES
Times are microseconds since 1970 by the recording's own clock. It is set by the wall clock when a session begins, and
never stepped after that; skew is how many milliseconds the wall clock was ahead of it. An id is such a time and a
target in one: time = id >> 11, target = id & 2047.

  targets    number, name, source (linux, netscaler), address, caution (what was not verified about it).
  sessions   number, began, program, hold_seconds: a run of a program that recorded.
  counters   source, number, name, field (its column), label, panel, kind (counter, gauge), severity.
  layouts    number, source, metrics: which counters were read together, in order, as JSON.
  identities number, host, product, boot, facts and notices (JSON), prefix, role: who answered.
  stretches  number, target, session, layout, identity, first (an id), interval_ms, refresh_ms (how often the target
             itself counts; 0: always), wrap_bits: samples in which nothing changed but the values. An hour at most.
  linux_samples, netscaler_samples
             id, stretch, elapsed (microseconds since the sample before), skew, reset (1: some counters went down,
             2: all of them began anew), latency (microseconds), beat (how much later than it was read a sample stands
             for, microseconds), row (which poll of its session it was), then a column a counter: how far it is above
             the base row of its stretch. A text is the value itself: one beyond 2**62.
  linux_samples_base, netscaler_samples_base
             stretch, then a column a counter: the values at the beginning of a stretch.
  missed     id, skew, failure, interval_ms, retry_ms (until the next try), row, sample (the last one before, an id):
             polls that read nothing.
  failures   number, status (unreachable, auth_failed, bad_reply, unsupported, no_access), reason, advice.
  events     number, at, target, kind, wall (seconds), says, alarming, about, severity, status, reason.
  episodes   number, target, counter, first, last, base (when it had not risen yet), started and last_rise (wall clock,
             seconds), total, peak_rate (per second), ended, metric (JSON).
  episode_minutes
             episode, at, last, last_rise, total, peak_rate: how far an episode had come, minute by minute.
  minutes    at: when that was written down.
  slumps     number, target, first, until, slump (JSON): handshakes that came through less often.
  alerts     number, target, first, ended, alert (JSON, with its newest figures).
  marks      at, wall (seconds), name.
  gaps       number, began, ended, why: when nothing could be recorded.
"""

QUERIES: Final = """\
-- Which errors rose between three and four?
SELECT * FROM rises WHERE last_rise >= '2026-11-21T03' AND since < '2026-11-21T04';

-- What did one counter of one target do?
SELECT time, value, rate FROM readings
  WHERE counter = 'MPJoinSynRx' AND target = 'local' ORDER BY time;

-- Its worst minutes
SELECT substr(time, 1, 16) AS minute, max(rate) AS peak FROM readings
  WHERE counter = 'MPJoinSynRx' GROUP BY target, minute ORDER BY peak DESC LIMIT 5;

-- Which errors rose most, and where?
SELECT target, counter, sum(total) AS total, max(peak_rate) AS peak, min(since) AS since FROM rises
  GROUP BY target, counter ORDER BY total DESC LIMIT 10;

-- What happened: targets lost and back, reboots, alerts
SELECT * FROM happened WHERE time BETWEEN '2026-11-21T03' AND '2026-11-21T04';

-- All that was not zero at one moment
SELECT target, counter, value, rate, label FROM readings
  WHERE time BETWEEN '2026-11-21T03:12:00' AND '2026-11-21T03:12:01' AND value <> 0;

-- When was a target not read, and why?
SELECT datetime((m.id >> 11) / 1000000 + m.skew / 1000, 'unixepoch') AS time, t.name, f.status, f.reason
  FROM missed m JOIN targets t ON t.number = (m.id & 2047) JOIN failures f ON f.number = m.failure;

-- When could nothing be recorded?
SELECT datetime(began / 1000000, 'unixepoch') AS began, datetime(ended / 1000000, 'unixepoch') AS ended, why
  FROM gaps;
"""

EXPLAINED: Final = f"{_TABLES}\nQUERIES to begin with\n\n{QUERIES}"
