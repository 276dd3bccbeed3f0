"""Sells a cup of coffee for a signed x402 payment, which a facilitator settles.

An ordinary FastAPI service that knows nothing of irclog: it logs to standard
error, as Python does, and says more than it should.
"""

import json
import logging
import os
import urllib.error
import urllib.request
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel

logging.basicConfig(
    level=logging.INFO,
    format="%(asctime)s - %(name)s - %(levelname)s - %(message)s",
)
log = logging.getLogger(__name__)

FACILITATOR = os.environ.get("FACILITATOR_URL", "http://127.0.0.1:9")
PAY_TO = "0x51e11e7000000000000000000000000000c0ffee"
PRICE = 10_000
TIMEOUT_SECONDS = 20

# The facilitator is a neighbour: no proxy of the environment is asked.
web = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Authorization(BaseModel):
    payer: str
    value: int
    nonce: str
    valid_before: int


class Payment(BaseModel):
    signature: str
    authorization: Authorization


class SettlementError(Exception):
    """The facilitator did not settle."""


@asynccontextmanager
async def banner(_):
    log.info("☕ Coffee Seller starting up")
    log.info("   Pay to: %s", PAY_TO)
    log.info("   Price: $%.2f USDC", PRICE / 1e6)
    log.info("   Facilitator: %s", FACILITATOR)
    yield


app = FastAPI(lifespan=banner)


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/coffee")
def unpaid(request: Request):
    log.info("[402] Unpaid request from %s", request.client.host)
    return required("no payment")


@app.post("/coffee")
async def paid(request: Request):
    body = await request.body()
    payment = Payment.model_validate(json.loads(body))
    if payment.authorization.value < PRICE:
        log.warning("[402] Too little, body: %s", body.decode())
        return required("too little")
    log.info("[VERIFY] Payment %s", json.dumps(payment.model_dump()))
    try:
        transaction = await run_in_threadpool(settle, payment)
    except SettlementError:
        log.exception("[SETTLE] Payment from %s failed", payment.authorization.payer)
        return JSONResponse({"error": "not settled"}, status_code=502)
    log.info("[SETTLE] Coffee paid, tx %s", transaction)
    return {"coffee": "hot", "transaction": transaction}


def settle(payment):
    """Has the facilitator settle the payment; the hash of the transaction."""
    try:
        outcome = ask_facilitator("/settle", terms(payment))
    except ConnectionError as error:
        raise SettlementError("the facilitator is not there") from error
    if not outcome["success"]:
        raise SettlementError(outcome["errorReason"])
    return outcome["transaction"]


def ask_facilitator(path, body):
    request = urllib.request.Request(
        FACILITATOR + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        with web.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        # It says why, also with a status of 500.
        return json.load(refusal)
    except urllib.error.URLError:
        raise ConnectionError(f"no route to {FACILITATOR}") from None


def terms(payment):
    """The payment and what it is for, as x402 has it."""
    authorization = payment.authorization
    return {
        "x402Version": 1,
        "paymentPayload": {
            "x402Version": 1,
            "scheme": "exact",
            "network": "base",
            "payload": {
                "signature": payment.signature,
                "authorization": {
                    "from": authorization.payer,
                    "to": PAY_TO,
                    "value": str(authorization.value),
                    "validAfter": "0",
                    "validBefore": authorization.valid_before,
                    "nonce": authorization.nonce,
                },
            },
        },
        "paymentRequirements": {
            "scheme": "exact",
            "network": "base",
            "maxAmountRequired": str(PRICE),
            "payTo": PAY_TO,
            "resource": "https://coffee.example/coffee",
        },
    }


def required(why):
    accepts = {"scheme": "exact", "payTo": PAY_TO, "maxAmountRequired": str(PRICE)}
    return JSONResponse({"x402Version": 1, "error": why, "accepts": [accepts]}, status_code=402)


if __name__ == "__main__":
    host = os.environ.get("SERVE_HOST", "127.0.0.1")
    uvicorn.run("main:app", host=host, port=int(os.environ["PORT"]))
