// Reference: what many would write. Express, Twilio's own package, better-sqlite3; the same job as the door.

const Database = require('better-sqlite3');
const crypto = require('node:crypto');
const express = require('express');
const twilio = require('twilio');

const { PORT, DATA, PUBLIC_URL, TOKEN } = process.env;
const db = new Database(`${DATA}/express.db`);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE receipts (replay_key BLOB PRIMARY KEY, at INTEGER, payload TEXT);
  CREATE TABLE lines (id INTEGER PRIMARY KEY, number TEXT UNIQUE);
  CREATE TABLE conversations (id INTEGER PRIMARY KEY, line INTEGER, customer TEXT, last_at INTEGER, unread INTEGER,
    UNIQUE (line, customer));
  CREATE TABLE texts (id INTEGER PRIMARY KEY, conversation INTEGER, sid TEXT UNIQUE, body TEXT, status TEXT, at INTEGER);
  CREATE TABLE reports (sid TEXT, status TEXT, at INTEGER, PRIMARY KEY (sid, status));
`);
const receipt = db.prepare('INSERT OR IGNORE INTO receipts VALUES (?, ?, ?)');
const line = db.prepare(
  'INSERT INTO lines (number) VALUES (?) ON CONFLICT (number) DO UPDATE SET number = excluded.number RETURNING id',
);
const conversation = db.prepare(
  `INSERT INTO conversations (line, customer, last_at, unread) VALUES (?, ?, ?, 1)
   ON CONFLICT (line, customer) DO UPDATE SET last_at = excluded.last_at, unread = unread + 1 RETURNING id`,
);
const text = db.prepare(
  "INSERT OR IGNORE INTO texts (conversation, sid, body, status, at) VALUES (?, ?, ?, 'received', ?)",
);
const report = db.prepare('INSERT OR IGNORE INTO reports VALUES (?, ?, ?)');
const move = db.prepare('UPDATE texts SET status = ? WHERE sid = ?');
const store = db.transaction((path, form, raw) => {
  const now = Date.now();
  const key = crypto.createHash('sha256').update(path).update(raw).digest();
  if (receipt.run(key, now, raw).changes === 0) return;
  if (path.endsWith('/sms/status')) {
    report.run(form.MessageSid, form.MessageStatus, now);
    move.run(form.MessageStatus, form.MessageSid);
    return;
  }
  const ours = line.get(form.To).id;
  text.run(conversation.get(ours, form.From, now).id, form.MessageSid, form.Body, now);
});

const app = express();
app.get('/healthz', (_, response) => response.send(''));
app.use(express.urlencoded({ extended: false, verify: (request, _, raw) => (request.raw = raw.toString()) }));
app.post('/phone/twilio/sms/:what', (request, response) => {
  const given = request.get('X-Twilio-Signature') ?? '';
  if (!twilio.validateRequest(TOKEN, given, PUBLIC_URL + request.originalUrl, request.body)) {
    response.sendStatus(403);
    return;
  }
  store(request.path, request.body, request.raw);
  if (request.params.what === 'status') response.sendStatus(204);
  else response.type('text/xml').send('<?xml version="1.0" encoding="UTF-8"?><Response/>');
});
app.listen(Number(PORT), '127.0.0.1');
