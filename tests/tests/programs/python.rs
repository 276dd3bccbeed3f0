//! Python's own logging, what writes its records for it, and `FastAPI`.

use irclog_tests::seller;

use super::{counts, lacks, seen, shows, skip, works};

/// What fails in all of these, with a cause.
const SHOP: &str = r#"
import asyncio, logging, sys
class SettleError(RuntimeError): pass
def price(coin):
    return {"usdc": 6}[coin]
def settle(coin):
    try:
        return price(coin)
    except KeyError as error:
        raise SettleError("cannot settle " + coin) from error
"#;

/// Lets `app` serve while `buy` asks it.
const SELLER: &str = r#"
import uvicorn
async def ask(port, request, body=""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    writer.write((head + "Content-Type: application/json\r\n\r\n" + body).encode())
    await reader.read()
    writer.close()
async def sell(app, buy, **settings):
    server = uvicorn.Server(uvicorn.Config(app, port=0, **settings))
    serving = asyncio.ensure_future(server.serve())
    while not server.started: await asyncio.sleep(0.01)
    await buy(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    await serving
"#;

/// The root cause, and the error in the end.
const CHAIN: [&str; 2] = ["KeyError: 'dai'", "SettleError: cannot settle dai"];

/// A Python that has `module`: the first in PATH, or the system's.
fn python_with(module: &str) -> Option<&'static str> {
    let found = ["python3", "/usr/bin/python3"]
        .into_iter()
        .find(|python| works(python, &["-c", &format!("import {module}")]));
    if found.is_none() {
        skip(&format!(
            "no python3 has {module}: apt-get install python3-{module}"
        ));
    }
    found
}

fn run(python: &str, script: &str) -> Vec<String> {
    seen(python, &["-c", &format!("{SHOP}{script}")])
}

#[test]
fn python_s_own_logging_is_shown() {
    let Some(python) = python_with("logging") else {
        return;
    };
    let said = run(
        python,
        r#"
logging.basicConfig(level=logging.INFO, format="%(asctime)s - %(name)s - %(levelname)s - %(message)s")
log = logging.getLogger("shop.api")
log.info("ready")
log.warning("slow")
try: settle("dai")
except SettleError: log.exception("refused order 7")
log.critical("no gas")
async def forgotten(): settle("dai")
async def main():
    task = asyncio.ensure_future(forgotten())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    __import__("gc").collect()
asyncio.run(main())
log.info("done")
settle("dai")
"#,
    );
    counts(&said, "ERROR", 5);
    counts(&said, "WARN", 1);
    counts(&said, "INFO", 2);
    shows(&said, "ERROR shop.api - refused order 7", &CHAIN);
    shows(&said, "ERROR shop.api - no gas", &[]);
    shows(
        &said,
        "ERROR asyncio - Task exception was never retrieved",
        &CHAIN,
    );
    shows(
        &said,
        "ERROR shop - ended with exit status 1: ",
        &["SettleError: cannot settle dai"],
    );
}

#[test]
fn a_worker_process_s_traceback_is_part_of_the_error() {
    let Some(python) = python_with("multiprocessing") else {
        return;
    };
    let said = run(
        python,
        r#"
from concurrent.futures import ProcessPoolExecutor
import multiprocessing
logging.basicConfig(format="%(levelname)s:%(name)s:%(message)s")
with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
    try: pool.submit(price, "dai").result()
    except KeyError: logging.exception("refused")
"#,
    );
    counts(&said, "ERROR", 1);
    shows(
        &said,
        "ERROR root - refused",
        &["in price", "KeyError: 'dai'"],
    );
}

#[test]
fn loguru_is_shown_as_text_and_as_json() {
    let Some(python) = python_with("loguru") else {
        return;
    };
    for serialize in ["False", "True"] {
        let script = format!(
            r#"
from loguru import logger
logger.remove()
logger.add(sys.stderr, serialize={serialize})
logger.success("ready")
logger.warning("slow")
try: settle("dai")
except SettleError: logger.exception("refused order 7")
logger.critical("no gas")
"#
        );
        let said = run(python, &script);
        counts(&said, "ERROR", 2);
        shows(&said, "INFO __main__ - ready", &[]);
        shows(&said, "WARN __main__ - slow", &[]);
        shows(&said, "ERROR __main__ - refused order 7", &CHAIN);
        shows(&said, "ERROR __main__ - no gas", &[]);
        lacks(&said, "elapsed");
    }
}

#[test]
fn structlog_is_shown_by_all_its_renderers() {
    let Some(python) = python_with("structlog") else {
        return;
    };
    for renderer in [
        "structlog.dev.ConsoleRenderer(colors=False)",
        "structlog.processors.JSONRenderer()",
        "structlog.processors.KeyValueRenderer(key_order=['timestamp', 'level', 'event'])",
        "structlog.processors.LogfmtRenderer(key_order=['timestamp', 'level', 'event'])",
    ] {
        let errors = if renderer.contains("Console") {
            ""
        } else {
            "structlog.processors.format_exc_info, "
        };
        let script = format!(
            r#"
import structlog
structlog.configure(processors=[structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"), {errors}{renderer}])
log = structlog.get_logger()
log.info("ready", port=80)
log.warning("slow", ms=7)
try: settle("dai")
except SettleError: log.exception("refused", order=7)
log.critical("no gas")
"#
        );
        let said = run(python, &script);
        counts(&said, "ERROR", 2);
        shows(&said, "INFO shop - ready port=80", &[]);
        shows(&said, "WARN shop - slow ms=7", &[]);
        shows(&said, "ERROR shop - refused order=7", &CHAIN);
        shows(&said, "ERROR shop - no gas", &[]);
    }
}

#[test]
fn rich_s_handler_and_tracebacks_are_shown() {
    let Some(python) = python_with("rich") else {
        return;
    };
    let said = run(
        python,
        r#"
from rich.logging import RichHandler
import rich.traceback
rich.traceback.install()
logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[RichHandler(rich_tracebacks=True)])
log = logging.getLogger("shop")
log.info("ready")
log.warning("slow")
try: settle("dai")
except SettleError: log.exception("refused order 7")
log.error("no price")
log.critical("no gas")
log.info("done")
settle("dai")
"#,
    );
    counts(&said, "ERROR", 5);
    counts(&said, "WARN", 1);
    counts(&said, "INFO", 2);
    let errors: Vec<_> = said
        .iter()
        .filter(|record| record.contains("KeyError: 'dai'"))
        .collect();
    assert_eq!(errors.len(), 2, "{said:#?}");
    assert!(
        errors.iter().all(|error| error.ends_with(CHAIN[1])),
        "{said:#?}"
    );
    for frame in ["│", "╭", "╰"] {
        lacks(&said, frame);
    }
}

#[test]
fn fastapi_s_errors_are_shown_with_their_cause_and_requests_with_their_status() {
    let script = r#"
from fastapi import FastAPI
from pydantic import BaseModel
app = FastAPI()
class Payment(BaseModel):
    amount: int
@app.get("/health")
def health(): return {}
@app.get("/dai")
def dai(): return settle("dai")
@app.get("/group")
async def group():
    async def ask(name): raise ValueError(name + " is down")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ask("rpc-1"))
        tasks.create_task(ask("rpc-2"))
@app.post("/pay")
def pay(payment: Payment): return {}
async def buy(port):
    for request in ["GET /health", "GET /dai"]: await ask(port, request)
    if hasattr(asyncio, "TaskGroup"): await ask(port, "GET /group")
    await ask(port, "POST /pay", '{"amount": "many"}')
asyncio.run(sell(app, buy))
"#;
    let python = seller::python();
    let said = seen(&python, &["-c", &format!("{SHOP}{SELLER}{script}")]);
    // Groups of tasks came with Python 3.11.
    let groups = works(&python, &["-c", "import asyncio; asyncio.TaskGroup"]);
    counts(&said, "ERROR", if groups { 2 } else { 1 });
    let error = |part: &str| {
        let of_error = |record: &&String| record.starts_with("ERROR") && record.contains(part);
        said.iter()
            .find(of_error)
            .unwrap_or_else(|| panic!("no {part}: {said:#?}"))
    };
    let chain = [error(CHAIN[0]).clone()];
    shows(
        &chain,
        "ERROR uvicorn - Exception in ASGI application",
        &["in price", CHAIN[0], "in dai", CHAIN[1]],
    );
    if groups {
        let group = [error("rpc-1 is down").clone()];
        shows(
            &group,
            "ERROR uvicorn - Exception in ASGI application",
            &["rpc-1 is down", "rpc-2 is down"],
        );
    }
    for (request, status) in [
        ("GET /health", "200"),
        ("GET /dai", "500"),
        ("POST /pay", "422"),
    ] {
        let request = format!("\"{request} HTTP/1.1\" {status}");
        let found = said.iter().filter(|record| {
            record.starts_with("INFO uvicorn.access") && record.contains(&request)
        });
        assert_eq!(found.count(), 1, "{request}: {said:#?}");
    }
}

#[test]
fn a_failed_request_of_fastapi_that_has_an_id_is_one_line_with_its_cause() {
    let script = r#"
import contextvars, itertools
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel
request_id, ids = contextvars.ContextVar("request_id", default="none"), itertools.count(1)
class Named(logging.Filter):
    def filter(self, record):
        record.request_id = request_id.get()
        return True
handler = logging.StreamHandler()
handler.addFilter(Named())
logging.basicConfig(level=logging.INFO, handlers=[handler],
    format="%(asctime)s - %(name)s - %(levelname)s - %(message)s request_id=%(request_id)s")
log = logging.getLogger("seller")
app = FastAPI()
class Payment(BaseModel):
    coin: str
    amount: int
@app.middleware("http")
async def named(request: Request, call_next):
    request_id.set(f"r{next(ids)}")
    response = await call_next(request)
    log.info("%s %s status=%d elapsed=2ms", request.method, request.url.path, response.status_code)
    return response
@app.post("/settle")
async def pay(payment: Payment):
    cause = f"execution reverted: {payment.coin} exceeds balance"
    log.error("transfer failed: %s", cause)
    log.error("settle failed: transfer failed: %s", cause)
    log.warning("answering 500: %s", cause)
    raise HTTPException(500)
@app.post("/slow")
async def slow():
    try: await asyncio.wait_for(asyncio.sleep(60), 0.01)
    except asyncio.TimeoutError:
        log.error("rpc-1 did not answer within 0.01 s")
        raise HTTPException(504)
async def buy(port):
    coins = ['{"coin": "%s", "amount": 5}' % coin for coin in ["usdc", "dai"]]
    await asyncio.gather(*[ask(port, "POST /settle", body) for body in coins])
    await ask(port, "POST /slow")
    await ask(port, "POST /settle", '{"coin": "usdc", "amount": "many"}')
    await ask(port, "POST /settle", '{"coin": ')
asyncio.run(sell(app, buy, access_log=False))
"#;
    let python = seller::python();
    let expected = [
        (
            "failed: execution reverted: usdc exceeds balance",
            "(500 in",
        ),
        ("failed: execution reverted: dai exceeds balance", "(500 in"),
        ("rpc-1 did not answer within", "(504 in"),
    ];
    let is_told = |said: &[String], (cause, ending): (&str, &str)| {
        let found: Vec<_> = said.iter().filter(|it| it.contains(cause)).collect();
        let begins = |it: &String| it.starts_with("ERROR seller - ") && it.contains(ending);
        found.len() == 1 && begins(found[0])
    };
    // A machine that stands still for 300 ms within a request tells it in two.
    let mut said = Vec::new();
    for _ in 0..5 {
        said = seen(&python, &["-c", &format!("{SHOP}{SELLER}{script}")]);
        if expected.iter().all(|one| is_told(&said, *one)) {
            break;
        }
    }
    counts(&said, "ERROR", 3);
    counts(&said, "WARN", 0);
    for one in expected {
        assert!(is_told(&said, one), "{one:?}: {said:#?}");
    }
    // What a client did wrong is no ERROR of the service.
    let refused = |record: &&String| record.contains("POST /settle status=422");
    assert!(said.iter().any(|record| refused(&record)), "{said:#?}");
}
