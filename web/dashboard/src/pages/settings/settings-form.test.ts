import { expect, test } from 'vitest';

import type { ApplicationBody } from '../../generated/ApplicationBody';
import { changeOf, formOf, problemsOf } from './settings-form';

const APPLICATION: ApplicationBody = {
  app_id: 'one',
  name: 'Shop',
  created_at: 0,
  access_token_permission: 'deny',
  allowed_origins: ['https://example.com'],
  is_relay_only: false,
  max_ringing_s: 60,
  max_connecting_s: 60,
  webhook_hosts: [],
  delivery_retention_days: 30,
};

test('a form that nobody touched is right and sends nothing', () => {
  const form = formOf(APPLICATION);
  expect(problemsOf(form)).toEqual({});
  expect(changeOf(APPLICATION, form)).toEqual({});
});

test('only what is another is sent, lists by their lines', () => {
  const form = { ...formOf(APPLICATION), name: ' Shop 2 ', origins: 'https://example.com\n\nhttps://two.example:8443', callDays: '90' };
  expect(changeOf(APPLICATION, form)).toEqual({
    name: 'Shop 2',
    allowed_origins: ['https://example.com', 'https://two.example:8443'],
    call_retention_days: 90,
  });
});

test('an emptied hook is sent as an empty address', () => {
  const hooked: ApplicationBody = { ...APPLICATION, dial_hook: { url: 'https://a.example/', timeout_ms: 500, on_failure: 'deny' } };
  expect(changeOf(hooked, { ...formOf(hooked), hookUrl: '' })).toEqual({ dial_hook_url: '' });
});

test.each([
  ['ringing', '4', /5 to 300/],
  ['ringing', '1e2', /5 to 300/],
  ['ringing', '', /5 to 300/],
  ['deliveryDays', '0', /1 to 365/],
  ['callDays', '0', null],
  ['hookTimeout', '5001', /100 to 5000/],
  ['name', ' ', /1 to 80/],
  ['name', '🦊'.repeat(80), null],
  ['origins', 'https://example.com/path', /no origin/],
  ['origins', 'example.com', /no origin/],
  ['webhookHosts', 'https://example.com', /no host/],
  ['hookUrl', 'example.com/hook', /no address/],
] as const)('the field %s with %j', (field, value, problem) => {
  const problems = problemsOf({ ...formOf(APPLICATION), [field]: value });
  if (problem === null) expect(problems).toEqual({});
  else expect(problems[field]).toMatch(problem);
});
