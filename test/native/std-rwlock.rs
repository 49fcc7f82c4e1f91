//! Six readers and two writers share one std RwLock, each in it for 300 us; beside them a thread that is parked, one that waits on a Condvar.
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, RwLock};
use std::time::{Duration, Instant};

static INDEX: RwLock<()> = RwLock::new(());
static JOBS: Mutex<bool> = Mutex::new(false);
static FILLED: Condvar = Condvar::new();
static WAITED: AtomicU64 = AtomicU64::new(0);

fn work() {
    let began = Instant::now();
    while began.elapsed() < Duration::from_micros(300) {}
}

#[inline(never)]
fn search() {
    let before = Instant::now();
    let _reading = INDEX.read().unwrap();
    WAITED.fetch_add(before.elapsed().as_nanos() as u64, Relaxed);
    work();
}

#[inline(never)]
fn update() {
    let before = Instant::now();
    let _writing = INDEX.write().unwrap();
    WAITED.fetch_add(before.elapsed().as_nanos() as u64, Relaxed);
    work();
}

fn main() {
    let ms = std::env::args().nth(1).and_then(|given| given.parse().ok()).unwrap_or(1000);
    let end = Instant::now() + Duration::from_millis(ms);
    let parked = std::thread::spawn(std::thread::park);
    let idle = std::thread::spawn(|| {
        let mut done = JOBS.lock().unwrap();
        while !*done {
            done = FILLED.wait(done).unwrap();
        }
    });
    let users: Vec<_> = (0..8)
        .map(|user| {
            std::thread::spawn(move || {
                while Instant::now() < end {
                    if user < 2 { update() } else { search() }
                }
            })
        })
        .collect();
    users.into_iter().for_each(|user| user.join().unwrap());
    *JOBS.lock().unwrap() = true;
    FILLED.notify_one();
    parked.thread().unpark();
    idle.join().unwrap();
    parked.join().unwrap();
    println!("TRUTH {{\"wait_ns\":{}}}", WAITED.load(Relaxed));
}
