"""Ten documents built with Twilio's own Python package; the story builds the same with ours."""

import json

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

DOOR = "https://phone.example.test/phone/twilio/voice"
SPOKEN = {"voice": "Polly.Joanna", "language": "en-US"}
STEPS = "initiated ringing answered completed"


def made(fill=lambda answer: None):
    answer = VoiceResponse()
    fill(answer)
    return answer.to_xml()


def said(answer):
    answer.say('"Smith & Söhne" <Bäder>: it\'s 5 > 4, grüße 👋', voice="Polly.Vicki", language="de-DE")
    answer.hangup()


def played(answer):
    answer.play("https://phone.example.test/greeting/1?a=1&b=2")
    answer.hangup()


def in_order(answer):
    dial = Dial(
        action=f"{DOOR}/dial-status",
        timeout=20,
        caller_id="+15005550006",
        answer_on_bridge=True,
        sequential=True,
    )
    for number in ("+14155550107", "+14155550108"):
        dial.number(
            number,
            url=f'{DOOR}/screen?for="Bell & Töchter"',
            status_callback=f"{DOOR}/status",
            status_callback_event=STEPS,
        )
    answer.append(dial)


def at_once(answer):
    dial = answer.dial(action=f"{DOOR}/dial-status", timeout=5)
    for number in ("+14155550107", "+14155550108"):
        dial.number(number, status_callback=f"{DOOR}/status", status_callback_event=STEPS)


def voicemail(answer):
    answer.say("Please leave a message after the tone.", **SPOKEN)
    answer.record(
        action=f"{DOOR}/voicemail-done",
        max_length=119,
        finish_on_key="#",
        timeout=10,
        recording_status_callback=f"{DOOR}/recording/voicemail",
        recording_status_callback_event="completed absent",
        transcribe=True,
        transcribe_callback=f"{DOOR}/transcription",
    )
    answer.say("We did not hear anything. Goodbye.", **SPOKEN)
    answer.hangup()


def asking(answer):
    gather = Gather(action=f"{DOOR}/screen-result?a=1&b='2'", num_digits=1, timeout=8)
    for _ in range(2):
        gather.say("A call for Bell & Daughter. To take it, press 1.", **SPOKEN)
    answer.append(gather)
    answer.hangup()


def rehearsal(answer):
    answer.pause(length=1)
    answer.say("We are closed right now.", **SPOKEN)
    answer.hangup()


DOCUMENTS = {
    "empty": made(),
    "refused": made(lambda answer: answer.reject()),
    "said": made(said),
    "played": made(played),
    "in order": made(in_order),
    "at once": made(at_once),
    "voicemail": made(voicemail),
    "asking": made(asking),
    "elsewhere": made(lambda answer: answer.redirect(f"{DOOR}/inbound?again=yes&line=1")),
    "rehearsal": made(rehearsal),
}
print(json.dumps(DOCUMENTS))
