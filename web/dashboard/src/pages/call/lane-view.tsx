/** Both sides of a call as lanes: what lasted as bars, what happened as ticks, on one scale with the plots below. */

import type { CSSProperties } from 'react';

import type { Participant } from '../../generated/Participant';
import { asDuration } from '../../parts/format';
import { moment } from './moment';
import { type Lane, type Lanes, type Span, type SpanKind, ticks } from './lanes';
import { happeningInWords, nameOf, sideOf } from './words';

const SPANS: Readonly<Record<SpanKind, string>> = {
  ringing: 'Ringing',
  connecting: 'Connecting',
  talking: 'Talking',
  reconnecting: 'Media lost',
  away: 'Away',
  muted: 'Muted',
  held: 'On hold',
  recording: 'Recording',
};
const MOST_TICKS = 8;

interface Props {
  lanes: Lanes;
  participants: readonly Participant[];
  /** The second that is looked at. */
  cursor: number | null;
}

export function LaneView({ lanes, participants, cursor }: Props) {
  const at = (milliseconds: number): CSSProperties => ({ left: `${(100 * milliseconds) / lanes.length}%` });
  return (
    <div className="lanes">
      {[lanes.caller, lanes.callee].map((lane) => (
        <LaneRow key={lane.role} lane={lane} length={lanes.length} name={participants.find(({ role }) => role === lane.role)} />
      ))}
      <div className="lane-scale" aria-hidden="true">
        {ticks(lanes.length, MOST_TICKS).map((tick) => (
          <span key={tick} style={at(tick)}>
            {asDuration(tick)}
          </span>
        ))}
      </div>
      <div className="lane-cursor-box" aria-hidden="true">
        {cursor !== null && cursor * 1000 <= lanes.length && <span className="lane-cursor" style={at(cursor * 1000)} />}
      </div>
    </div>
  );
}

function LaneRow({ lane, length, name }: { lane: Lane; length: number; name: Participant | undefined }) {
  return (
    <section className="lane" aria-label={`${sideOf(lane.role)}${name ? `, ${nameOf(name)}` : ''}`}>
      <h3 className="lane-name">
        <span className="quiet">{sideOf(lane.role)}</span> {name && nameOf(name)}
      </h3>
      {lane.tracks.map(({ kind, spans }) => (
        <div key={kind} className="lane-row">
          <span className="track-name" aria-hidden="true">
            {kind === 'stages' ? 'Call' : SPANS[kind]}
          </span>
          <ol className={`track ${kind}`}>
            {spans.map((span) => (
              <Bar key={`${span.kind} ${span.from}`} span={span} length={length} />
            ))}
          </ol>
        </div>
      ))}
      <div className="lane-row" aria-hidden="true">
        <span className="track-name">Events</span>
        <div className="marks">
          {lane.marks.map(({ at, entry }, index) => (
            <span
              key={`${at} ${entry.happening} ${index}`}
              className="mark"
              style={{ left: `${(100 * at) / length}%` }}
              title={`${moment(at)} ${happeningInWords(entry)}`}
            />
          ))}
        </div>
      </div>
    </section>
  );
}

function Bar({ span: { kind, from, to, isOpen }, length }: { span: Span; length: number }) {
  return (
    <li
      className={`span ${kind}${isOpen ? ' open' : ''}`}
      style={{ left: `${(100 * from) / length}%`, width: `${(100 * (to - from)) / length}%` }}
      title={`${SPANS[kind]}, ${moment(from)} to ${isOpen ? 'now' : moment(to)}`}
    >
      <span className="span-word" aria-hidden="true">
        {SPANS[kind]}
      </span>
      <span className="visually-hidden">{`${SPANS[kind]}, from ${moment(from)} to ${isOpen ? 'now' : moment(to)}, ${asDuration(to - from)} long`}</span>
    </li>
  );
}
