//! The HTTP service. Its handlers log what they do; which request it was is
//! in the span around them.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{self, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use irclog::Public;
use serde_json::json;
use tower_http::trace::TraceLayer;
use tracing::{Span, error, info, info_span, warn};

use crate::chain::Chains;
use crate::payment::{NETWORKS, Request, Terms};

/// The facilitator's routes.
pub(crate) fn routes(chains: Chains) -> Router {
    for network in NETWORKS {
        // As careless as the real one: the key is in the address.
        let rpc_url = chains.rpc_url(network);
        info!(target: "x402::provider", chain = network, rpc_url, "Using HTTP transport");
    }
    let trace = TraceLayer::new_for_http()
        .make_span_with(|request: &http::Request<Body>| {
            let (method, path) = (request.method(), request.uri().path());
            info_span!(
                "http_request",
                otel.kind = "server",
                otel.name = %format_args!("{method} {path}"),
                %method,
                uri = %request.uri(),
            )
        })
        .on_request(())
        .on_response(|response: &Response, latency: Duration, _: &Span| {
            let (status, elapsed) = (response.status().as_u16(), latency.as_millis());
            info!(target: "x402::telemetry", status, elapsed = %format_args!("{elapsed}ms"));
        });
    Router::new()
        .route("/health", get(health))
        .route("/supported", get(supported))
        .route("/verify", post(verify))
        .route("/settle", post(settle))
        .layer(trace)
        .with_state(Arc::new(chains))
}

async fn health() -> Json<serde_json::Value> {
    Json(json!({"status": "healthy"}))
}

async fn supported() -> Json<serde_json::Value> {
    let kinds = NETWORKS.map(|network| json!({"scheme": "exact", "network": network}));
    Json(json!({"kinds": kinds}))
}

async fn verify(body: String) -> Response {
    let request = match read(&body) {
        Ok(request) => request,
        Err(refusal) => return *refusal,
    };
    let payer = &request.authorization().from;
    if let Some(reason) = request.flaw(now()) {
        warn!(target: "x402::handlers", reason, "Refused {}", Terms(&request));
        let answer = json!({"isValid": false, "invalidReason": reason, "payer": payer});
        return Json(answer).into_response();
    }
    let resource = &request.payment_requirements.resource;
    info!(target: "x402::handlers", resource, "Verified {}", Terms(&request));
    Json(json!({"isValid": true, "payer": payer})).into_response()
}

async fn settle(State(chains): State<Arc<Chains>>, body: String) -> Response {
    let request = match read(&body) {
        Ok(request) => request,
        Err(refusal) => return *refusal,
    };
    let network = &request.payment_payload.network;
    let payment = request.authorization();
    if let Some(reason) = request.flaw(now()) {
        warn!(target: "x402::handlers", reason, ?payment, "Settlement refused");
        let answer = json!({"success": false, "errorReason": reason});
        return Json(answer).into_response();
    }
    match chains.transfer(network, payment).await {
        Ok(tx) => {
            info!(target: "x402::handlers", tx = %Public(&tx), "Settled {}", Terms(&request));
            Json(json!({"success": true, "transaction": tx, "network": network})).into_response()
        }
        Err(failure) => {
            let error = &failure as &dyn std::error::Error;
            error!(target: "x402::handlers", error, network, ?payment, "Settlement failed");
            let answer = json!({"success": false, "errorReason": "unexpected_settle_error"});
            (StatusCode::INTERNAL_SERVER_ERROR, Json(answer)).into_response()
        }
    }
}

/// Reads a body; one that cannot be read is logged as it came, as services do
/// when they look for a mistake.
fn read(body: &str) -> Result<Request, Box<Response>> {
    serde_json::from_str(body).map_err(|error| {
        warn!(target: "x402::handlers", %error, body, "Request cannot be read");
        let answer = json!({"error": "the body is no payment request"});
        Box::new((StatusCode::BAD_REQUEST, Json(answer)).into_response())
    })
}

#[allow(
    clippy::disallowed_methods,
    reason = "a payment is valid until a time of day"
)]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
