"""Twilio's own Python package against the practice line, unchanged but for its address."""

import os
import sys
from datetime import datetime, timezone

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

BASE, SID, TOKEN = os.environ["BASE"], os.environ["SID"], os.environ["TOKEN"]
OURS, DOOR, CALL = os.environ["OURS"], os.environ["DOOR"], os.environ["CALL"]


def client(token=TOKEN):
    made = Client(SID, token)
    made.api.base_url = BASE
    return made


def refused(code, status, act):
    try:
        act()
    except TwilioRestException as error:
        assert (error.code, error.status) == (code, status), (error.code, error.status)
    else:
        sys.exit(f"{code} was not raised")


twilio = client()
assert twilio.api.accounts(SID).fetch().status == "active"

number = twilio.incoming_phone_numbers.list(phone_number=OURS)[0]
assert number.phone_number == OURS and number.capabilities["sms"] is True
renamed = twilio.incoming_phone_numbers(number.sid).update(friendly_name="Front desk")
assert renamed.friendly_name == "Front desk"

bodies = [f"Hello {n}" for n in range(5)]
sent = [twilio.messages.create(to="+14155551001", from_=OURS, body=body) for body in bodies]
assert all(message.sid.startswith("SM") and message.status == "queued" for message in sent)
assert sent[0].direction == "outbound-api" and sent[0].num_segments == "1"

# Two at a time: the pages are followed, newest first, none twice.
listed = [message.body for message in twilio.messages.list(to="+14155551001", page_size=2)]
assert listed == bodies[::-1], listed
assert twilio.messages(sent[0].sid).fetch().body == "Hello 0"
assert twilio.messages(sent[0].sid).media.list() == []

last = sent[-1].sid
while twilio.messages(last).fetch().status in ("queued", "sending", "sent"):
    pass
assert twilio.messages(last).delete() is True
refused(20404, 404, lambda: twilio.messages(last).fetch())

create = twilio.messages.create
refused(20003, 401, lambda: client("wrong").messages.create(to="+14155551001", from_=OURS, body="x"))
refused(21211, 400, lambda: create(to="+15005550001", from_=OURS, body="x"))
refused(21610, 400, lambda: create(to="+15005550004", from_=OURS, body="x"))
refused(21606, 400, lambda: create(to="+14155551001", from_="+14155550000", body="x"))
refused(21602, 400, lambda: create(to="+14155551001", from_=OURS))
refused(21617, 400, lambda: create(to="+14155551001", from_=OURS, body="x" * 1601))
requests.post(f"{BASE}/practice/faults", json={"busy": 1}, timeout=10)
refused(20429, 429, lambda: create(to="+14155551001", from_=OURS, body="x"))

# Calls: begun, found again, and refused as Twilio refuses them.
requests.put(f"{BASE}/practice/phones/+14155551005/behavior", json="busy", timeout=10)
ring = twilio.calls.create(
    to="+14155551005",
    from_=OURS,
    twiml="<Response><Say>Hello</Say></Response>",
    status_callback_event=["initiated", "answered", "completed"],
)
while twilio.calls(ring.sid).fetch().status in ("queued", "ringing", "in-progress"):
    pass
assert twilio.calls(ring.sid).fetch().status == "busy"
assert [call.sid for call in twilio.calls.list(to="+14155551005", status="busy")] == [ring.sid]
refused(21220, 400, lambda: twilio.calls(ring.sid).update(status="completed"))
refused(21210, 400, lambda: twilio.calls.create(to="+14155551005", from_="+14155550000", twiml="<Response/>"))
assert twilio.calls(ring.sid).delete() is True
refused(20404, 404, lambda: twilio.calls(ring.sid).fetch())

# Recordings: listed, described, fetched without credentials going astray, read, and gone once deleted.
long_ago = datetime(2020, 1, 1, tzinfo=timezone.utc)
assert twilio.recordings.list(date_created_before=long_ago) == []
[recording] = twilio.recordings.list(call_sid=CALL, date_created_after=long_ago)
assert (recording.status, recording.source, recording.duration) == ("completed", "RecordVerb", "8")
assert [one.sid for one in twilio.calls(CALL).recordings.list()] == [recording.sid]
assert twilio.calls(CALL).recordings(recording.sid).fetch().channels == 1
assert twilio.recordings(recording.sid).fetch().media_url == recording.media_url
sound = requests.get(f"{recording.media_url}.wav", auth=(SID, TOKEN), timeout=10)
assert sound.headers["Content-Type"] == "audio/x-wav" and sound.content[8:12] == b"WAVE"
assert requests.get(recording.media_url, timeout=10).status_code == 401
[written] = twilio.recordings(recording.sid).transcriptions.list()
assert written.status == "completed" and written.transcription_text.startswith("Hi, this is Helen")
assert [one.sid for one in twilio.transcriptions.list()] == [written.sid]
assert twilio.transcriptions(written.sid).fetch().recording_sid == recording.sid
assert twilio.transcriptions(written.sid).delete() is True
refused(20404, 404, lambda: twilio.transcriptions(written.sid).fetch())
assert twilio.recordings(recording.sid).delete() is True
refused(20404, 404, lambda: twilio.recordings(recording.sid).fetch())
assert requests.get(recording.media_url, auth=(SID, TOKEN), timeout=10).status_code == 404

# What Twilio's own package signs, the door believes; a second time it gives the same answer.
form = {
    "MessageSid": "SM" + "9" * 32,
    "AccountSid": SID,
    "From": "+14155551002",
    "To": OURS,
    "Body": "Signed by Twilio's own package: grüße 👋 & more",
    "NumMedia": "0",
    "ToCity": "",
}
signature = RequestValidator(TOKEN).compute_signature(DOOR, form)
answers = [requests.post(DOOR, form, headers={"X-Twilio-Signature": signature}, timeout=10) for _ in range(2)]
assert [answer.status_code for answer in answers] == [200, 200]
assert answers[0].text == answers[1].text and "<Response/>" in answers[0].text
wrong = requests.post(DOOR, form, headers={"X-Twilio-Signature": signature[::-1]}, timeout=10)
assert wrong.status_code == 403
print("python: fine")
