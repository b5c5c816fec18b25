//! Our own accept loop: plain `axum::serve` sets no header timer and caps no connections.

use crate::Door;
use axum::body::Body;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// Connections at once; more wait in the kernel's queue.
const CONNECTIONS: usize = 256;
/// How long a request's head may take, and an idle connection may stay.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// Largest head, in bytes, and most headers in it.
const HEAD_SIZE: (usize, usize) = (16 * 1024, 64);
/// How long open connections may finish after the stop.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Serves the door until `stop`, then lets requests in hand finish.
pub async fn serve(listener: TcpListener, door: Door, stop: CancellationToken) {
    let router = door.router();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let open = TaskTracker::new();
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => break,
            place = room.clone().acquire_owned() => place,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (Ok(place), Ok((stream, _))) = (place, accepted) else {
            // Out of file descriptors, most likely: let some close.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (router, stop) = (router.clone(), stop.clone());
        open.spawn(async move {
            let service =
                service_fn(move |request: Request<Incoming>| router.clone().oneshot(request.map(Body::new)));
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIME)
                .max_buf_size(HEAD_SIZE.0)
                .max_headers(HEAD_SIZE.1)
                .serve_connection(TokioIo::new(stream), service);
            tokio::pin!(connection);
            tokio::select! {
                _ = connection.as_mut() => {}
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = tokio::time::timeout(LAST_WORDS, connection).await;
                }
            }
            drop(place);
        });
    }
    open.close();
    let _ = tokio::time::timeout(LAST_WORDS, open.wait()).await;
}
