/** Code to paste: what an application's first user and first call take. */

/** Makes a user and gives it an access token, on the application's own server. */
export function codeToMakeUser(origin: string, apiToken: string, userId = 'alice'): string {
  return `curl ${origin}/v3/users \\
  -H 'Api-Token: ${apiToken}' \\
  -H 'Content-Type: application/json; charset=utf8' \\
  -d '{"user_id": "${userId}", "nickname": "${userId}", "profile_url": "", "issue_access_token": true}'`;
}

/** A page that signs in and calls. */
export function codeToCall(origin: string, appId: string): string {
  return `<script src="${origin}/sdk/offhook.js"></script>
<video id="remote" autoplay playsinline></video>
<script>
  const callOption = { remoteMediaView: remote, audioEnabled: true, videoEnabled: true };
  SendBirdCall.init("${appId}");
  SendBirdCall.addListener("page", { onRinging: (call) => call.accept({ callOption }) });
  async function signIn(userId, accessToken) {
    await SendBirdCall.authenticate({ userId, accessToken });
    await SendBirdCall.connectWebSocket();
  }
  const call = (userId) => SendBirdCall.dial({ userId, isVideoCall: true, callOption });
</script>`;
}
