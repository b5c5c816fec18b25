-- Rows as an office of schema 1 holds them; every later schema must still show them.
INSERT INTO meta VALUES ('epoch', '7');
INSERT INTO settings VALUES (1, '{"business_name":"Bell & Daughter","region":"US","texts":{"undo_seconds":9}}');
INSERT INTO lines VALUES (x'01a1fd701a6274c7a5ea9d66a66b3101', '+15005550006', 'Front desk', 'PN1', 1, 1000, 1, NULL);
INSERT INTO contacts (id, name, created_at) VALUES (x'01a1fd701a6274c7a5ea9d66a66b3102', 'Maria Lopez', 1000);
INSERT INTO contact_numbers VALUES ('+14155550101', x'01a1fd701a6274c7a5ea9d66a66b3102');
INSERT INTO conversations VALUES (x'01a1fd701a6274c7a5ea9d66a66b3103', x'01a1fd701a6274c7a5ea9d66a66b3101', '+14155550101',
    1000, 3000, 3, 1, 1000, NULL, NULL);
INSERT INTO texts (seq, id, conversation_id, direction, body, status, rank, provider_sid, at, source, media_claimed) VALUES
    (1, x'01a1fd701a6274c7a5ea9d66a66b3111', x'01a1fd701a6274c7a5ea9d66a66b3103', 'in', 'Hello 👋', 'received', 60, 'SM1', 1000,
     'webhook', 1),
    (2, x'01a1fd701a6274c7a5ea9d66a66b3112', x'01a1fd701a6274c7a5ea9d66a66b3103', 'out', 'On our way', 'delivered', 60, 'SM2', 2000,
     'desk', 0),
    (3, x'01a1fd701a6274c7a5ea9d66a66b3113', x'01a1fd701a6274c7a5ea9d66a66b3103', 'out', 'Still there?', 'waiting', 1, NULL, 3000,
     'desk', 0);
INSERT INTO text_search (rowid, body) SELECT seq, body FROM texts;
INSERT INTO attachments VALUES (x'01a1fd701a6274c7a5ea9d66a66b3121', x'01a1fd701a6274c7a5ea9d66a66b3111', 0, 'https://api.twilio.com/x',
    'image/png', 'fetching', NULL, NULL, NULL, 1, 1000, NULL);
INSERT INTO consents VALUES ('+14155550101', 'given', 1000);
INSERT INTO consent_events VALUES (x'01a1fd701a6274c7a5ea9d66a66b3131', '+14155550101', 'wrote_first',
    x'01a1fd701a6274c7a5ea9d66a66b3111', NULL, 1000);
INSERT INTO receipts (replay_key, event, detail, received_at, payload, answer_status, answer_body, state) VALUES
    (zeroblob(32), 'sms/inbound', '', 1000, x'00', 200, '<Response/>', 'applied');
INSERT INTO text_reports VALUES ('SM2', 'delivered', 0, 2500);
INSERT INTO outbox (text_id, conversation_id, state, due_at, wanted_at, claimed_at, epoch, tries, looks) VALUES
    (x'01a1fd701a6274c7a5ea9d66a66b3113', x'01a1fd701a6274c7a5ea9d66a66b3103', 'sending', 3000, 3000, 3000, 7, 1, 0);
INSERT INTO changes (kind, conversation_id, at) VALUES ('text_changed', x'01a1fd701a6274c7a5ea9d66a66b3103', 3000);
INSERT INTO notes VALUES (x'01a1fd701a6274c7a5ea9d66a66b3141', x'01a1fd701a6274c7a5ea9d66a66b3103', 'Gate code 4711', 'owner', 2500,
    NULL);
INSERT INTO calls VALUES (x'01a1fd701a6274c7a5ea9d66a66b3151', x'01a1fd701a6274c7a5ea9d66a66b3103', 'in', 'CA1', 'completed',
    90, 'voicemail', 1, 12, NULL, NULL, 0, 1, 12, NULL, NULL, 1500, 'webhook', NULL, 0, 1510, NULL);
INSERT INTO call_legs VALUES (1, 'CA2', 'CA1', '+14155550107', 'no-answer', 90, NULL, NULL, 1500);
INSERT INTO blocked VALUES ('+14155550199', 'owner', 1500);
INSERT INTO recordings (id, provider_sid, call_sid, tagged, source, status, duration_s, at, engine, emailed, state, tries, due_at)
    VALUES (x'01a1fd701a6274c7a5ea9d66a66b3171', 'RE1', 'CA1', 1, 'RecordVerb', 'completed', 12, 1510, 'command', 1, 'fetching', 1,
    1600);
INSERT INTO voicemails (seq, id, call_id, recording_id, duration_s, at) VALUES (1, x'01a1fd701a6274c7a5ea9d66a66b3161',
    x'01a1fd701a6274c7a5ea9d66a66b3151', x'01a1fd701a6274c7a5ea9d66a66b3171', 12, 1510);
INSERT INTO transcripts (recording_sid, engine, state, said, words) VALUES ('RE1', 'command', 'text', 'Call me back',
    '[{"text":"Call","start_ms":0,"end_ms":300,"unsure":false}]');
INSERT INTO transcript_search (rowid, words) VALUES (1, 'Call me back');
INSERT INTO letters VALUES (x'01a1fd701a6274c7a5ea9d66a66b3161', 'sending', 1510, 1510, 1, NULL);
INSERT INTO deletions VALUES ('SM0', 1510, 0);
