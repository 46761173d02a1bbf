/** What was found, as Markdown: targets first, then the figures, then where the time goes. */

import { quantile } from './document.mjs';

export function report(results, { turns, roundTripMs, proofMs, machine }) {
  const took = (name) => results[name].map(({ tookMs }) => tookMs);
  const ringing = results.ours.map(({ ringingMs }) => ringingMs);
  const lessOneTrip = took('bare, far').map((ms) => ms - roundTripMs);
  const targets = [
    judged('accept to the first picture on both sides, beside a bare pair', took('ours'), took('bare')),
    judged(`the same at ${roundTripMs} ms, beside a bare pair less one round trip`, took('ours, far'), lessOneTrip),
    ['dial to onRinging, beside 20 ms', 'at most 1.0', verdict(median(ringing) / 20), '–'],
  ];
  const rows = [
    ['a bare pair, accept to first picture', took('bare')],
    ['ours, accept to first picture', took('ours')],
    [`a bare pair, ${roundTripMs} ms away`, took('bare, far')],
    [`ours, ${roundTripMs} ms away`, took('ours, far')],
    ['ours, dial to onRinging', ringing],
    [`ours, dial to onRinging, ${roundTripMs} ms away`, results['ours, far'].map(({ ringingMs }) => ringingMs)],
    [`proof: dial to onRinging, with ${proofMs} ms added to signalling`, results.later.map(({ ringingMs }) => ringingMs)],
    [`proof: accept to first picture, with ${proofMs} ms added to signalling`, took('later')],
  ];
  return [
    '### Setting up a call: targets',
    table(['target', 'limit', 'ratio of medians', 'ratio of p95'], targets),
    `Machine: ${machine}; ${turns} turns of each, in turns, loopback.`,
    '### Setting up a call: figures, in ms',
    table(['', 'median', 'p95', 'best', 'worst'], rows.map(([name, series]) => [name, ...figures(series)])),
    '### Where the time goes: ours, from dial',
    timeline(results.ours.map(({ dialling }) => dialling), 'dial'),
    ...['bare', 'ours', 'bare, far', 'ours, far'].flatMap((name) => [
      `### Where the time goes: ${name}, from accept`,
      timeline(results[name].map(({ timeline: entries }) => entries), 'accept'),
    ]),
  ].join('\n\n');
}

function judged(what, ours, other) {
  const ratios = [0.5, 0.95].map((part) => quantile(ours, part) / quantile(other, part));
  return [what, 'at most 1.0', ...ratios.map(verdict)];
}

function verdict(ratio) {
  return `${ratio.toFixed(2)} ${ratio <= 1 ? 'met' : '**missed**'}`;
}

function figures(series) {
  return [median(series), quantile(series, 0.95), Math.min(...series), Math.max(...series)].map((ms) => ms.toFixed(1));
}

/** When each thing happened, in the median of the turns in which it did. */
function timeline(turns, start) {
  const times = new Map();
  for (const entries of turns) {
    for (const { name, ms } of entries) times.set(name, [...(times.get(name) ?? []), ms]);
  }
  const rows = [...times].map(([name, series]) => [name, median(series)]).sort(([, one], [, other]) => one - other);
  return table(['', `ms after ${start}, median`], rows.map(([name, ms]) => [name, ms.toFixed(1)]));
}

function median(series) {
  return quantile(series, 0.5);
}

/** Between the two nearest, where it falls between. */
function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
