// Twilio's own Node package against the practice line, unchanged but for its address.

const assert = require('node:assert');
const twilio = require('twilio');

const { BASE, SID, TOKEN, OURS, DOOR, CALL } = process.env;

function client(token = TOKEN) {
  const made = twilio(SID, token);
  for (const product of [made.api, made.messaging, made.studio, made.monitor, made.lookups]) product.baseUrl = BASE;
  return made;
}

async function refused(code, status, act) {
  await assert.rejects(act, (error) => {
    assert.strictEqual(error.constructor.name, 'RestException');
    assert.deepStrictEqual([error.code, error.status], [code, status]);
    return true;
  });
}

async function main() {
  const line = client();
  assert.strictEqual((await line.api.accounts(SID).fetch()).status, 'active');

  const [number] = await line.incomingPhoneNumbers.list({ phoneNumber: OURS });
  assert.strictEqual(number.phoneNumber, OURS);
  const renamed = await line.incomingPhoneNumbers(number.sid).update({ friendlyName: 'Front desk' });
  assert.strictEqual(renamed.friendlyName, 'Front desk');

  const own = line.incomingPhoneNumbers(number.sid);
  const { voiceUrl, smsUrl, smsFallbackUrl } = number;
  const voice = 'https://phone.example.test/voice#rc=2&rp=all';
  const pointed = await own.update({ voiceUrl: voice, smsUrl: `${BASE}/twiml/EH0`, smsFallbackUrl: '' });
  assert.strictEqual(pointed.voiceUrl, voice);
  await refused(21402, 400, () => own.update({ voiceUrl: 'nowhere' }));
  const lost = await fetch(`${BASE}/practice/texts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: '+14155551009', to: OURS, body: 'x' }),
  });
  const { sid: lostSid } = await lost.json();
  const alerts = await line.monitor.v1.alerts.list({ logLevel: 'error', pageSize: 1 });
  const alert = alerts.find((one) => one.resourceSid === lostSid);
  assert.strictEqual(alert.errorCode, '11200');
  assert((await line.monitor.v1.alerts(alert.sid).fetch()).requestVariables.includes(lostSid));
  assert.strictEqual((await own.update({ voiceUrl, smsUrl, smsFallbackUrl })).smsUrl, smsUrl);

  assert.strictEqual((await line.balance.fetch()).currency, 'USD');
  const looked = await line.lookups.v2.phoneNumbers('+14155550123').fetch();
  assert.deepStrictEqual([looked.valid, looked.nationalFormat], [true, '(415) 555-0123']);

  const { services } = line.messaging.v1;
  const made = [];
  for (const friendlyName of ['Marketing', 'Support']) made.push(await services.create({ friendlyName }));
  const found = (await services.list({ pageSize: 1 })).map((one) => one.sid);
  assert.deepStrictEqual(found.toSorted(), made.map((one) => one.sid).toSorted());
  const [first, second] = made.map((one) => services(one.sid));
  const deferring = await first.update({ useInboundWebhookOnNumber: true });
  assert.deepStrictEqual([deferring.useInboundWebhookOnNumber, deferring.inboundRequestUrl], [true, null]);
  await first.phoneNumbers.create({ phoneNumberSid: number.sid });
  await refused(21712, 409, () => second.phoneNumbers.create({ phoneNumberSid: number.sid }));
  assert.deepStrictEqual((await first.phoneNumbers.list()).map((one) => one.phoneNumber), [OURS]);
  assert.deepStrictEqual(await first.usAppToPerson.list(), []);
  assert.strictEqual(await first.phoneNumbers(number.sid).remove(), true);
  for (const one of [first, second]) assert.strictEqual(await one.remove(), true);

  const { flows } = line.studio.v2;
  const trigger = { name: 'Trigger', type: 'trigger', transitions: [] };
  const definition = { initial_state: 'Trigger', states: [trigger] };
  const flow = await flows.create({ friendlyName: 'Asleep', status: 'published', definition });
  assert.deepStrictEqual([flow.revision, flow.valid, flow.definition], [1, true, definition]);
  const broken = { ...definition, initial_state: 'Nowhere' };
  await refused(81022, 400, () => flows(flow.sid).update({ status: 'published', definition: broken }));
  assert.strictEqual((await flows(flow.sid).update({ status: 'draft', definition: broken })).valid, false);
  assert.deepStrictEqual((await flows.list()).map((one) => one.sid), [flow.sid]);
  assert.strictEqual(await flows(flow.sid).remove(), true);

  const bodies = [0, 1, 2, 3, 4].map((n) => `Hallo ${n}`);
  const sent = [];
  for (const body of bodies) sent.push(await line.messages.create({ to: '+14155551003', from: OURS, body }));
  assert(sent.every((message) => message.sid.startsWith('SM') && message.status === 'queued'));

  const listed = await line.messages.list({ to: '+14155551003', pageSize: 2 });
  assert.deepStrictEqual(listed.map((message) => message.body), bodies.toReversed());
  assert.strictEqual((await line.messages(sent[0].sid).fetch()).body, 'Hallo 0');
  assert.deepStrictEqual(await line.messages(sent[0].sid).media.list(), []);

  const last = sent.at(-1).sid;
  while (['queued', 'sending', 'sent'].includes((await line.messages(last).fetch()).status));
  assert.strictEqual(await line.messages(last).remove(), true);
  await refused(20404, 404, () => line.messages(last).fetch());

  const create = (fields) => line.messages.create({ to: '+14155551003', from: OURS, body: 'x', ...fields });
  await refused(20003, 401, () => client('wrong').messages.create({ to: '+14155551003', from: OURS, body: 'x' }));
  await refused(21211, 400, () => create({ to: '+15005550001' }));
  await refused(21610, 400, () => create({ to: '+15005550004' }));
  await refused(21606, 400, () => create({ from: '+14155550000' }));
  await refused(21617, 400, () => create({ body: 'x'.repeat(1601) }));
  await fetch(`${BASE}/practice/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ busy: 1 }),
  });
  await refused(20429, 429, () => create({}));

  await fetch(`${BASE}/practice/phones/+14155551006/behavior`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify('busy'),
  });
  const ring = await line.calls.create({ to: '+14155551006', from: OURS, twiml: '<Response><Say>Hello</Say></Response>' });
  while (['queued', 'ringing', 'in-progress'].includes((await line.calls(ring.sid).fetch()).status));
  assert.deepStrictEqual(
    (await line.calls.list({ to: '+14155551006', status: 'busy' })).map((call) => call.sid),
    [ring.sid],
  );
  await refused(21220, 400, () => line.calls(ring.sid).update({ status: 'completed' }));

  const [recording] = await line.recordings.list({ callSid: CALL });
  assert.deepStrictEqual([recording.status, recording.source, recording.duration], ['completed', 'RecordVerb', '8']);
  assert.deepStrictEqual((await line.calls(CALL).recordings.list()).map((one) => one.sid), [recording.sid]);
  assert.strictEqual((await line.recordings(recording.sid).fetch()).mediaUrl, recording.mediaUrl);
  const authorization = `Basic ${Buffer.from(`${SID}:${TOKEN}`).toString('base64')}`;
  const sound = await fetch(`${recording.mediaUrl}.wav`, { headers: { authorization } });
  assert.strictEqual(sound.headers.get('content-type'), 'audio/x-wav');
  assert.strictEqual(Buffer.from(await sound.arrayBuffer()).toString('latin1', 8, 12), 'WAVE');
  const [written] = await line.recordings(recording.sid).transcriptions.list();
  assert.strictEqual(written.status, 'completed');
  assert.strictEqual((await line.transcriptions(written.sid).fetch()).transcriptionText, written.transcriptionText);
  assert.strictEqual(await line.recordings(recording.sid).remove(), true);
  await refused(20404, 404, () => line.recordings(recording.sid).fetch());

  const form = { MessageSid: `SM${'8'.repeat(32)}`, AccountSid: SID, From: '+14155551004', To: OURS, Body: 'Von Node' };
  const signature = twilio.getExpectedTwilioSignature(TOKEN, DOOR, form);
  const post = (value) =>
    fetch(DOOR, { method: 'POST', body: new URLSearchParams(form), headers: { 'X-Twilio-Signature': value } });
  assert.strictEqual((await post(signature)).status, 200);
  assert.strictEqual((await post([...signature].reverse().join(''))).status, 403);
  console.info('node: fine');
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
