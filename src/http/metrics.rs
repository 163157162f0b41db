//! Metrics in Prometheus' text format, with closed sets of labels.
//!
//! A label is a route of the router's table, a status, a code system or an
//! outcome; nothing that a client sends can become one. Everything is counted
//! in atomics, so that no request waits for another.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use codesets::CodeSystem;

use super::cpu_pool::CpuPool;
use super::router::ROUTES;
use crate::catalog::Snapshot;

/// The upper bounds of the duration buckets, in microseconds.
const BUCKETS_US: [u64; 14] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 10_000_000,
];

/// The statuses that are counted apart.
const STATUSES: [u16; 15] = [
    200, 204, 301, 304, 400, 404, 405, 409, 413, 415, 421, 500, 503, 504, 0,
];

/// The route of requests that none of the router's takes.
pub const UNMATCHED: &str = "unmatched";

/// What is counted of one route.
struct RouteMetrics {
    by_status: [AtomicU64; STATUSES.len()],
    buckets: [AtomicU64; BUCKETS_US.len()],
    sum_us: AtomicU64,
    count: AtomicU64,
}

/// What the service counts.
pub struct Metrics {
    routes: Vec<RouteMetrics>,
    searches: [AtomicU64; CodeSystem::ALL.len() + 1],
    reloads: AtomicU64,
    refused_reloads: AtomicU64,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Metrics {
        let route = || RouteMetrics {
            by_status: [const { AtomicU64::new(0) }; STATUSES.len()],
            buckets: [const { AtomicU64::new(0) }; BUCKETS_US.len()],
            sum_us: AtomicU64::new(0),
            count: AtomicU64::new(0),
        };
        Metrics {
            // One more for requests that no route takes.
            routes: std::iter::repeat_with(route)
                .take(ROUTES.len() + 1)
                .collect(),
            searches: [const { AtomicU64::new(0) }; CodeSystem::ALL.len() + 1],
            reloads: AtomicU64::new(0),
            refused_reloads: AtomicU64::new(0),
        }
    }
}

impl Metrics {
    /// Counts an answered request of `route`, a template of the router.
    pub fn answered(&self, route: &str, status: u16, duration: Duration) {
        let place = ROUTES
            .iter()
            .position(|known| *known == route)
            .unwrap_or(ROUTES.len());
        let Some(route) = self.routes.get(place) else {
            return;
        };
        let status = STATUSES
            .iter()
            .position(|known| *known == status)
            .unwrap_or(STATUSES.len() - 1);
        add(&route.by_status[status], 1);
        let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = BUCKETS_US.iter().position(|most| duration_us <= *most) {
            add(&route.buckets[bucket], 1);
        }
        add(&route.sum_us, duration_us);
        add(&route.count, 1);
    }

    /// Counts a search in `systems`; in all of them when the list is empty.
    pub fn searched(&self, systems: &[CodeSystem]) {
        if systems.is_empty() {
            add(&self.searches[CodeSystem::ALL.len()], 1);
        }
        for (place, system) in CodeSystem::ALL.iter().enumerate() {
            if systems.contains(system) {
                add(&self.searches[place], 1);
            }
        }
    }

    /// Counts a reload, taken or refused.
    pub fn reloaded(&self, taken: bool) {
        add(
            if taken {
                &self.reloads
            } else {
                &self.refused_reloads
            },
            1,
        );
    }

    /// Writes everything in Prometheus' text format.
    pub fn render(&self, pool: &CpuPool, snapshot: &Snapshot) -> String {
        let mut text = String::with_capacity(16 * 1024);
        self.render_routes(&mut text);
        self.render_searches(&mut text);
        render_pool(&mut text, pool);
        self.render_releases(&mut text, snapshot);
        text
    }

    fn names(&self) -> impl Iterator<Item = (&'static str, &RouteMetrics)> {
        ROUTES.iter().copied().chain([UNMATCHED]).zip(&self.routes)
    }

    fn render_routes(&self, text: &mut String) {
        head(
            text,
            "codebook_http_requests_total",
            "counter",
            "Requests answered, by route and status.",
        );
        for (route, metrics) in self.names() {
            for (status, count) in STATUSES.iter().zip(&metrics.by_status) {
                let count = get(count);
                if count > 0 {
                    let status = if *status == 0 {
                        "other".to_owned()
                    } else {
                        status.to_string()
                    };
                    line(
                        text,
                        "codebook_http_requests_total",
                        &[("route", route), ("status", &status)],
                        count,
                    );
                }
            }
        }
        let name = "codebook_http_request_duration_seconds";
        head(
            text,
            name,
            "histogram",
            "Time from the request's head to the answer's, by route.",
        );
        for (route, metrics) in self.names() {
            let count = get(&metrics.count);
            if count == 0 {
                continue;
            }
            let mut up_to = 0;
            for (most, bucket) in BUCKETS_US.iter().zip(&metrics.buckets) {
                up_to += get(bucket);
                let _ = writeln!(
                    text,
                    "{name}_bucket{{route=\"{route}\",le=\"{}\"}} {up_to}",
                    seconds(*most)
                );
            }
            let _ = writeln!(
                text,
                "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {count}"
            );
            let _ = writeln!(
                text,
                "{name}_sum{{route=\"{route}\"}} {}",
                seconds(get(&metrics.sum_us))
            );
            let _ = writeln!(text, "{name}_count{{route=\"{route}\"}} {count}");
        }
    }

    fn render_searches(&self, text: &mut String) {
        let name = "codebook_searches_total";
        head(
            text,
            name,
            "counter",
            "Searches, by the code system asked for.",
        );
        let systems = CodeSystem::ALL
            .iter()
            .map(|system| system.id())
            .chain(["all"]);
        for (system, count) in systems.zip(&self.searches) {
            line(text, name, &[("system", system)], get(count));
        }
    }

    fn render_releases(&self, text: &mut String, snapshot: &Snapshot) {
        let name = "codebook_reloads_total";
        head(
            text,
            name,
            "counter",
            "Bundles taken over or refused since the start.",
        );
        line(text, name, &[("outcome", "taken")], get(&self.reloads));
        line(
            text,
            name,
            &[("outcome", "refused")],
            get(&self.refused_reloads),
        );
        let name = "codebook_release_info";
        head(text, name, "gauge", "The releases loaded.");
        for release in snapshot.bundle().releases() {
            line(
                text,
                name,
                &[
                    ("system", release.system.id()),
                    ("version", &release.version),
                ],
                1,
            );
        }
        let name = "codebook_bundle_loaded_timestamp_seconds";
        head(
            text,
            name,
            "gauge",
            "When the bundle that answers was opened.",
        );
        let _ = writeln!(text, "{name} {}", snapshot.loaded_at().as_second());
    }
}

fn render_pool(text: &mut String, pool: &CpuPool) {
    let gauge = |text: &mut String, name: &str, help: &str, value: usize| {
        head(text, name, "gauge", help);
        let _ = writeln!(text, "{name} {value}");
    };
    gauge(
        text,
        "codebook_pool_running",
        "Work that holds a core.",
        pool.running(),
    );
    gauge(
        text,
        "codebook_pool_waiting",
        "Work that waits for a core.",
        pool.waiting(),
    );
    let name = "codebook_pool_shed_total";
    head(
        text,
        name,
        "counter",
        "Work refused because the queue was full.",
    );
    let _ = writeln!(text, "{name} {}", pool.shed());
}

fn add(counter: &AtomicU64, value: u64) {
    counter.fetch_add(value, Ordering::Relaxed);
}

fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(text: &mut String, name: &str, labels: &[(&str, &str)], value: u64) {
    let labels: Vec<String> = labels
        .iter()
        .map(|(label, value)| {
            let value = value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            format!("{label}=\"{value}\"")
        })
        .collect();
    let _ = writeln!(text, "{name}{{{}}} {value}", labels.join(","));
}

/// Microseconds as seconds, without the rounding of floating point.
fn seconds(microseconds: u64) -> String {
    let text = format!(
        "{}.{:06}",
        microseconds / 1_000_000,
        microseconds % 1_000_000
    );
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{STATUSES, seconds};
    use crate::http::errors::ErrorCode;

    #[test]
    fn every_status_of_the_error_table_is_counted_apart() {
        for code in ErrorCode::ALL {
            assert!(STATUSES.contains(&code.status().as_u16()), "{}", code.id());
        }
    }

    #[test]
    fn seconds_are_written_exactly() {
        let written: Vec<String> = [0, 250, 1_000_000, 12_500_000].map(seconds).into();
        assert_eq!(written, ["0", "0.00025", "1", "12.5"]);
    }
}
