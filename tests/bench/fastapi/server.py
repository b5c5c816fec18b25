"""Reference: what many would write. FastAPI, Twilio's own package, sqlite3; the same job as the door."""

import hashlib
import os
import sqlite3
import time

import uvicorn
from fastapi import FastAPI, Request, Response
from twilio.request_validator import RequestValidator

DATA, PUBLIC_URL = os.environ["DATA"], os.environ["PUBLIC_URL"]
validator = RequestValidator(os.environ["TOKEN"])
db = sqlite3.connect(f"{DATA}/fastapi.db", isolation_level=None, check_same_thread=False)
db.executescript("""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE receipts (replay_key BLOB PRIMARY KEY, at INTEGER, payload BLOB);
CREATE TABLE lines (id INTEGER PRIMARY KEY, number TEXT UNIQUE);
CREATE TABLE conversations (id INTEGER PRIMARY KEY, line INTEGER, customer TEXT, last_at INTEGER, unread INTEGER,
    UNIQUE (line, customer));
CREATE TABLE texts (id INTEGER PRIMARY KEY, conversation INTEGER, sid TEXT UNIQUE, body TEXT, status TEXT, at INTEGER);
CREATE TABLE reports (sid TEXT, status TEXT, at INTEGER, PRIMARY KEY (sid, status));
""")
app = FastAPI()


@app.get("/healthz")
async def healthz():
    return Response()


def store(path, form, raw):
    now = int(time.time() * 1000)
    key = hashlib.sha256(path.encode() + raw).digest()
    db.execute("BEGIN IMMEDIATE")
    fresh = db.execute("INSERT OR IGNORE INTO receipts VALUES (?, ?, ?)", (key, now, raw)).rowcount
    if fresh and path.endswith("/sms/status"):
        db.execute("INSERT OR IGNORE INTO reports VALUES (?, ?, ?)", (form["MessageSid"], form["MessageStatus"], now))
        db.execute("UPDATE texts SET status = ? WHERE sid = ?", (form["MessageStatus"], form["MessageSid"]))
    elif fresh:
        (line,) = db.execute(
            "INSERT INTO lines (number) VALUES (?)"
            " ON CONFLICT (number) DO UPDATE SET number = excluded.number RETURNING id",
            (form["To"],),
        ).fetchone()
        (conversation,) = db.execute(
            "INSERT INTO conversations (line, customer, last_at, unread) VALUES (?, ?, ?, 1)"
            " ON CONFLICT (line, customer) DO UPDATE SET last_at = excluded.last_at, unread = unread + 1 RETURNING id",
            (line, form["From"], now),
        ).fetchone()
        db.execute(
            "INSERT OR IGNORE INTO texts (conversation, sid, body, status, at) VALUES (?, ?, ?, 'received', ?)",
            (conversation, form["MessageSid"], form["Body"], now),
        )
    db.execute("COMMIT")


@app.post("/phone/twilio/sms/{what}")
async def sms(what: str, request: Request):
    raw = await request.body()
    form = dict(await request.form())
    path = request.url.path
    if not validator.validate(PUBLIC_URL + path, form, request.headers.get("X-Twilio-Signature", "")):
        return Response(status_code=403)
    store(path, form, raw)
    if what == "status":
        return Response(status_code=204)
    return Response('<?xml version="1.0" encoding="UTF-8"?><Response/>', media_type="text/xml")


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)
