/** What a call says of itself in passing: the quiet sentences above the picture. */

/** What there may be to say. */
export interface Circumstances {
  readonly peer: string;
  readonly isReconnecting: boolean;
  readonly isHeldHere: boolean;
  readonly isHeldThere: boolean;
  readonly isSharing: boolean;
  readonly isRecording: boolean;
  readonly isRecordedThere: boolean;
  readonly lacksCamera: boolean;
  readonly lacksMicrophone: boolean;
  /** About a moment: what a button came to. */
  readonly remark: string;
}

/** The sentences, the most urgent first. */
export function banners(now: Circumstances): string[] {
  const sentences = [
    now.isReconnecting && 'Reconnecting. The call goes on when the network is back.',
    held(now),
    now.remark,
    missing(now),
    now.isSharing && `${now.peer} sees your screen.`,
    recorded(now),
  ];
  return sentences.filter((sentence): sentence is string => sentence !== false && sentence !== '');
}

function held({ isHeldHere, isHeldThere, peer }: Circumstances): string {
  if (isHeldHere) {
    return isHeldThere ? `You and ${peer} have put the call on hold.` : `You have put ${peer} on hold.`;
  }
  return isHeldThere ? `${peer} has put you on hold.` : '';
}

function missing({ lacksCamera, lacksMicrophone, peer }: Circumstances): string {
  if (lacksMicrophone) {
    return lacksCamera
      ? `Neither microphone nor camera was found. You can hear ${peer}, who does not hear you.`
      : `No microphone was found. You can hear ${peer}, who does not hear you.`;
  }
  return lacksCamera ? 'No camera was found. The call goes on with sound.' : '';
}

function recorded({ isRecording, isRecordedThere, peer }: Circumstances): string {
  if (isRecording) {
    return isRecordedThere ? `You and ${peer} are recording this call.` : 'You are recording this call.';
  }
  return isRecordedThere ? `${peer} is recording this call.` : '';
}
