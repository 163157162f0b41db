//! What every handler shares: the catalog, the CPU pool, the metrics and the limits.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderValue;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::cpu_pool::CpuPool;
use super::fhir::SentCache;
use super::metrics::Metrics;
use crate::catalog::Catalog;
use crate::mcp;

/// How much one client, and all of them together, may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Pieces of work that run at once.
    pub cores: usize,
    /// Pieces of work that may wait for a core; more are refused at once.
    pub queued: usize,
    /// The time a request may take, from its head to its answer's.
    pub request_timeout: Duration,
    /// The time the head of a request may take to arrive, and a connection may idle.
    pub head_timeout: Duration,
    /// The largest body that is read, in bytes.
    pub body_bytes: usize,
    /// The largest body of a batch that is read, in bytes.
    pub batch_bytes: usize,
    /// The largest body that holds FHIR resources, in bytes.
    pub resource_bytes: usize,
    /// The largest head of a request that is read, in bytes.
    pub head_bytes: usize,
    /// The most headers of a request.
    pub headers: usize,
    /// The most connections at once.
    pub connections: usize,
    /// The time that open requests have to end once the server is to stop.
    pub shutdown_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Limits {
            cores,
            queued: 64 * cores,
            request_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(30),
            body_bytes: 64 * 1024,
            batch_bytes: 1024 * 1024,
            resource_bytes: 2 * 1024 * 1024,
            head_bytes: 32 * 1024,
            headers: 64,
            connections: 4096,
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}

/// Who may ask, as far as a browser tells.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The origins whose scripts may read answers; `*` for any; none by default.
    pub origins: Vec<HeaderValue>,
    /// Names under which the service is reached, beside those of this machine.
    pub names: Vec<String>,
    /// Whether only names of this machine are taken for its own, as is right where the
    /// service listens on loopback: a page from elsewhere could otherwise point its own name
    /// at it (DNS rebinding).
    pub local_names_only: bool,
}

/// What every handler shares.
#[derive(Debug)]
pub struct App {
    /// The bundle that answers.
    pub catalog: Catalog,
    /// Where work that needs a core runs.
    pub pool: CpuPool,
    /// The FHIR code systems that came with requests lately.
    pub sent: SentCache,
    /// What is counted.
    pub metrics: Metrics,
    /// What may be asked for.
    pub limits: Limits,
    /// Who may ask.
    pub access: Access,
    /// Who may speak the Model Context Protocol over HTTP.
    pub mcp: mcp::Access,
    /// The day of service of requests that name none.
    pub today: fn() -> Date,
}

impl App {
    /// The state of a service that answers from `catalog` within `limits`.
    pub fn new(catalog: Catalog, limits: Limits) -> Arc<App> {
        Arc::new(App::at(catalog, limits, today))
    }

    /// As [`App::new`], with `today` for a clock; tests hold the day still.
    pub fn at(catalog: Catalog, limits: Limits, today: fn() -> Date) -> App {
        App {
            catalog,
            pool: CpuPool::new(limits.cores, limits.queued),
            sent: SentCache::default(),
            metrics: Metrics::default(),
            limits,
            access: Access::default(),
            mcp: mcp::Access::default(),
            today,
        }
    }

    /// The same for those whom `access` lets ask.
    #[must_use]
    pub fn with_access(mut self, access: Access) -> App {
        self.access = access;
        self
    }

    /// The same for the assistants that `access` lets ask.
    #[must_use]
    pub fn with_mcp(mut self, access: mcp::Access) -> App {
        self.mcp = access;
        self
    }
}

/// The day it is in universal time.
pub fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}
