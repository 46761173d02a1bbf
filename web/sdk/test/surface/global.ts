// A script without imports: the global of the script tag, as a value and as a namespace of types.
const callOfTheGlobal: SendBirdCall.DirectCall = SendBirdCall.dial({ userId: 'bob', isVideoCall: false, callOption: {} });
const isOverOnTheGlobal: boolean = callOfTheGlobal.endResult === SendBirdCall.DirectCallEndResult.COMPLETED;
void isOverOnTheGlobal;
