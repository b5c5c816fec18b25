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
    for product in (made.api, made.messaging, made.studio, made.monitor, made.lookups, made.accounts):
        product.base_url = BASE
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

# The line itself: pointed elsewhere and back, and refused as Twilio refuses.
line = twilio.incoming_phone_numbers(number.sid)
before = {name: getattr(number, name) or "" for name in ("voice_url", "sms_url", "sms_fallback_url")}
voice = "https://phone.example.test/voice#rc=2&rp=all"
pointed = line.update(voice_url=voice, voice_method="POST", sms_url=f"{BASE}/twiml/EH0", sms_fallback_url="")
assert pointed.voice_url == voice and pointed.trunk_sid is None
refused(21402, 400, lambda: line.update(voice_url="nowhere"))
refused(21403, 400, lambda: line.update(voice_method="PUT"))

# What goes wrong at an address is found in Monitor.
lost = requests.post(f"{BASE}/practice/texts", json={"from": "+14155551008", "to": OURS, "body": "x"}, timeout=10)
assert lost.json()["webhook_status"] == 404
[alert] = [one for one in twilio.monitor.v1.alerts.list(page_size=1) if one.resource_sid == lost.json()["sid"]]
assert (alert.error_code, alert.log_level, alert.request_method) == ("11200", "error", "POST")
assert lost.json()["sid"] in twilio.monitor.v1.alerts(alert.sid).fetch().request_variables
assert alert.sid not in [one.sid for one in twilio.monitor.v1.alerts.list(log_level="warning")]
assert line.update(**before).sms_url == before["sms_url"]

assert twilio.balance.fetch().currency == "USD"
looked = twilio.lookups.v2.phone_numbers("+14155550123").fetch()
assert looked.valid and looked.national_format == "(415) 555-0123"
assert twilio.lookups.v2.phone_numbers("+1415").fetch().validation_errors == ["TOO_SHORT"]

# Messaging Services: a number belongs to one of them at most.
services = twilio.messaging.v1.services
first, second = [services.create(friendly_name=name) for name in ("Marketing", "Support")]
assert first.inbound_request_url is None and first.use_inbound_webhook_on_number is False
assert {one.sid for one in services.list(page_size=1)} == {first.sid, second.sid}
changed = services(first.sid).update(inbound_request_url="https://phone.example.test/sms")
assert services(first.sid).fetch().inbound_request_url == changed.inbound_request_url
sender = services(first.sid).phone_numbers.create(phone_number_sid=number.sid)
assert (sender.phone_number, sender.service_sid) == (OURS, first.sid)
refused(21710, 409, lambda: services(first.sid).phone_numbers.create(phone_number_sid=number.sid))
refused(21712, 409, lambda: services(second.sid).phone_numbers.create(phone_number_sid=number.sid))
assert [one.sid for one in services(first.sid).phone_numbers.list()] == [number.sid]
assert services(first.sid).us_app_to_person.list() == []
assert twilio.messaging.v1.brand_registrations.list() == []
assert twilio.messaging.v1.tollfree_verifications.list() == []
assert services(first.sid).phone_numbers(number.sid).delete() is True
assert services(first.sid).delete() is True and services(second.sid).delete() is True
refused(20404, 404, lambda: services(first.sid).fetch())

# Flows: published, revised, and refused with their mistakes.
trigger = {"name": "Trigger", "type": "trigger", "transitions": [{"event": "incomingCall", "next": "said"}]}
said = {"name": "said", "type": "say-play", "properties": {"say": "Hello"}, "transitions": []}
definition = {"initial_state": "Trigger", "states": [trigger, said]}
flows = twilio.studio.v2.flows
flow = flows.create(friendly_name="Asleep", status="published", definition=definition, commit_message="First")
assert (flow.revision, flow.valid, flow.definition) == (1, True, definition)
assert flow.webhook_url.endswith(f"/v1/Accounts/{SID}/Flows/{flow.sid}")
assert flows(flow.sid).update(status="published", definition=definition).revision == 2
broken = {"initial_state": "Trigger", "states": [trigger]}
refused(81022, 400, lambda: flows(flow.sid).update(status="published", definition=broken))
assert flows(flow.sid).update(status="draft", definition=broken).valid is False
assert [one.sid for one in flows.list()] == [flow.sid]
assert flows(flow.sid).delete() is True

# A second Auth Token opens as well as the first, until it is dropped.
spare = twilio.accounts.v1.secondary_auth_token().create().secondary_auth_token
assert client(spare).balance.fetch().account_sid == SID
assert twilio.accounts.v1.secondary_auth_token().delete() is True
refused(20003, 401, lambda: client(spare).balance.fetch())

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
