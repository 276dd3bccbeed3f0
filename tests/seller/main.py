"""Sells a cup of coffee for a signed x402 payment.

An ordinary FastAPI service that knows nothing of irclog: it logs to standard
error, as Python does, and says more than it should.
"""

import json
import logging
import os
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request
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


class Authorization(BaseModel):
    payer: str
    value: int


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
        settle(payment)
    except SettlementError:
        log.exception("[SETTLE] Payment from %s failed", payment.authorization.payer)
        return JSONResponse({"error": "not settled"}, status_code=502)
    return {"coffee": "hot"}


def settle(payment):
    try:
        raise ConnectionError(f"no route to {FACILITATOR}")
    except ConnectionError as error:
        raise SettlementError("the facilitator is not there") from error


def required(why):
    accepts = {"scheme": "exact", "payTo": PAY_TO, "maxAmountRequired": str(PRICE)}
    return JSONResponse({"x402Version": 1, "error": why, "accepts": [accepts]}, status_code=402)


if __name__ == "__main__":
    uvicorn.run("main:app", host="127.0.0.1", port=int(os.environ["PORT"]))
