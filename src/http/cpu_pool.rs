//! The CPU pool: how much work is let in, and how much of it runs at once.
//!
//! Searching holds a core, so it must not hold an asynchronous worker. Two
//! semaphores bound it: *admitted* work beyond the queue is refused at once,
//! *running* work never exceeds the cores. Both permits live until the work
//! ends, even when whoever asked has gone; work that still waits for a core
//! is dropped with its request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Why work was not done.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoolError {
    /// As much work as the pool admits is running and waiting.
    #[error("all cores are busy and the queue is full")]
    Busy,
    /// The work panicked.
    #[error("the work panicked")]
    Panicked,
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
}

/// Runs work that needs a core, off the asynchronous workers.
#[derive(Clone, Debug)]
pub struct CpuPool {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
    cores: usize,
    most_admitted: usize,
    shed: Arc<AtomicU64>,
}

impl CpuPool {
    /// A pool that runs `cores` pieces of work at once and lets `queued` more wait.
    pub fn new(cores: usize, queued: usize) -> CpuPool {
        let cores = cores.max(1);
        let most_admitted = cores + queued;
        CpuPool {
            admitted: Arc::new(Semaphore::new(most_admitted)),
            running: Arc::new(Semaphore::new(cores)),
            cores,
            most_admitted,
            shed: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Runs `work` on a blocking thread once a core is free.
    ///
    /// # Errors
    /// [`PoolError::Busy`] at once when the queue is full; otherwise when the work panics.
    pub async fn run<T, F>(&self, work: F) -> Result<T, PoolError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let Ok(admitted) = Arc::clone(&self.admitted).try_acquire_owned() else {
            self.shed.fetch_add(1, Ordering::Relaxed);
            return Err(PoolError::Busy);
        };
        self.run_admitted(admitted, work).await
    }

    /// Runs `work` on a blocking thread, waiting for a place in the queue rather than being
    /// refused: for streams, which wait anyway and have few pieces of work under way at once.
    ///
    /// # Errors
    /// When the work panics or the server stops.
    pub async fn run_in_turn<T, F>(&self, work: F) -> Result<T, PoolError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let admitted = Arc::clone(&self.admitted)
            .acquire_owned()
            .await
            .map_err(|_| PoolError::Stopping)?;
        self.run_admitted(admitted, work).await
    }

    async fn run_admitted<T, F>(
        &self,
        admitted: OwnedSemaphorePermit,
        work: F,
    ) -> Result<T, PoolError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let running = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| PoolError::Stopping)?;
        off_the_workers(move || {
            let _permits = (admitted, running);
            work()
        })
        .await
    }

    /// How many pieces of work run now.
    pub fn running(&self) -> usize {
        self.cores.saturating_sub(self.running.available_permits())
    }

    /// How many pieces of work wait for a core now.
    pub fn waiting(&self) -> usize {
        self.most_admitted
            .saturating_sub(self.admitted.available_permits())
            .saturating_sub(self.running())
    }

    /// How many pieces of work were refused since the start.
    pub fn shed(&self) -> u64 {
        self.shed.load(Ordering::Relaxed)
    }
}

/// Runs `work` on a blocking thread, bounded by nothing: for the rare work of the server's own.
///
/// # Errors
/// When the work panics.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that the rule means: requests come here through the pool"
)]
pub(super) async fn off_the_workers<T, F>(work: F) -> Result<T, PoolError>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        if error.is_panic() {
            PoolError::Panicked
        } else {
            PoolError::Stopping
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::{CpuPool, PoolError};

    #[tokio::test]
    async fn work_beyond_the_queue_is_refused_and_permits_outlive_the_asker() {
        let pool = CpuPool::new(1, 0);
        let (release, held) = mpsc::channel::<()>();
        let (begun, has_begun) = tokio::sync::oneshot::channel::<()>();
        let busy = pool.clone();
        let asker = tokio::spawn(async move {
            busy.run(move || {
                let _ = begun.send(());
                let _ = held.recv();
            })
            .await
        });
        has_begun.await.unwrap();
        assert_eq!(pool.run(|| 1).await, Err(PoolError::Busy));
        asker.abort();
        let _ = asker.await;
        assert_eq!(pool.run(|| 1).await, Err(PoolError::Busy));
        assert_eq!((pool.running(), pool.waiting(), pool.shed()), (1, 0, 2));
        release.send(()).unwrap();
        while pool.running() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_gives_its_core_back() {
        let pool = CpuPool::new(1, 0);
        let outcome: Result<(), PoolError> =
            pool.run(|| std::panic::resume_unwind(Box::new(1))).await;
        assert_eq!(outcome, Err(PoolError::Panicked));
        while pool.running() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|| 1).await, Ok(1));
    }
}
