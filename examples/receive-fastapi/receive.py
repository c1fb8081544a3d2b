"""Receives webhooks of Pivotal, or of Slipway itself. In this order: verify the bytes, keep the event, answer, then work.

Whatever goes wrong before the answer is a 401 or a 5xx, which the sender tries again; after it, the event is ours.
"""

import json
import logging
import os
import threading
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request
from svix.webhooks import Webhook, WebhookVerificationError

webhook, INBOX = Webhook(os.environ["WEBHOOK_SECRET"]), os.environ.get("INBOX_FILE", "inbox.jsonl")


def work(event: dict) -> None:
    """Your work. It may take as long as it likes, and is done again after a start where it raises or is cut off."""
    print(f"worked {event['type']} {event['id']}", flush=True)


# Each event once, on disk before it is answered. With several processes, a table with the id as its primary key.
seen: set[str] = set()
unfinished: dict[str, dict] = {}
writing = threading.Lock()


def load() -> None:
    with open(INBOX, "a+", encoding="utf-8") as file:
        file.seek(0)
        for line in filter(str.strip, file):
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # Cut off by a crash, so never answered: the sender tries it again.
            if kept := entry.get("kept"):
                seen.add(kept["id"])
                unfinished[kept["id"]] = kept
            unfinished.pop(entry.get("done"), None)


def write(entry: dict) -> None:
    with writing, open(INBOX, "a", encoding="utf-8") as file:
        print("\n" + json.dumps(entry), end="", file=file, flush=True)
        os.fsync(file.fileno())


def begin(event: dict) -> None:
    try:
        work(event)
        write({"done": event["id"]})
    except Exception:
        logging.exception("%s is left for the next start", event["id"])


@asynccontextmanager
async def lifespan(_: FastAPI):
    load()
    threading.Thread(target=lambda: [begin(event) for event in list(unfinished.values())], daemon=True).start()
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/webhooks")
async def receive(request: Request, background: BackgroundTasks) -> dict:
    raw = await request.body()  # The signature is over the bytes as they came, and not over what a parser makes of them.
    try:
        webhook.verify(raw, dict(request.headers))
    except (WebhookVerificationError, UnicodeDecodeError) as error:
        raise HTTPException(401, str(error)) from error
    event = json.loads(raw)
    if event["id"] in seen:
        return {"received": True, "duplicate": True}
    write({"kept": event})  # Where this raises, FastAPI answers 500.
    seen.add(event["id"])
    background.add_task(begin, event)  # Runs after the answer has left.
    return {"received": True, "duplicate": False}
