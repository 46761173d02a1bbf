/**
 * The call that a forwarded webhook speaks of, if it is one of this application's. Anybody may have written it: nothing
 * else in it is believed.
 */
export function callIdOf(data: unknown, appId: string): string | undefined {
  const body = objectOf(data);
  const command = objectOf(body['sendbird_call']);
  if (!('cmd' in command || 'payload' in command) || body['application_id'] !== appId) return undefined;
  const id = objectOf(command['payload'])['call_id'] ?? objectOf(body['direct_call'])['call_id'];
  return typeof id === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(id) ? id : undefined;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
