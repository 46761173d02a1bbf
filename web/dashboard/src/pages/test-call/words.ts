/** What the page of test calls says. */

const FACES: Readonly<Record<string, string>> = {
  ringing: 'It rings. Answer on one of the devices.',
  connecting: 'Answered; media is being connected.',
  talking: 'You are talking.',
  reconnecting: 'The connection was interrupted and is looked for.',
  ended: 'The call is over.',
};

/** What the call does, by the face that the element shows. */
export function faceInWords(face: string): string {
  return FACES[face] ?? 'A microphone is needed, for video a camera.';
}

/** Why this page cannot call, as a sentence; null where it can. */
export function problemOfDevices(isSecureContext: boolean): string | null {
  return isSecureContext ? null : 'Browsers give a microphone to pages over https only. Open the dashboard by its https address.';
}
