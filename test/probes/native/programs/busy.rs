// The same as busy.cpp, in Rust; a thread's CPU time is told by the kernel, in /proc/thread-self/schedstat.
use std::fs::read_to_string;
use std::hint::black_box;
use std::io::{stdin, BufRead};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::spawn;

static HOT_NS: AtomicU64 = AtomicU64::new(0);
static COLD_NS: AtomicU64 = AtomicU64::new(0);

fn cpu_ns() -> u64 {
    let line = read_to_string("/proc/thread-self/schedstat").unwrap();
    line.split(' ').next().unwrap().parse().unwrap()
}

#[inline(always)]
fn mix(mut x: u64, rounds: u64) -> u64 {
    for i in 0..rounds {
        x = x.wrapping_mul(6364136223846793005).wrapping_add(x >> 7).wrapping_add(i);
    }
    x
}

#[inline(never)]
fn hot(x: u64) -> u64 {
    mix(x, 12_000_000) + 1
}

#[inline(never)]
fn cold(x: u64) -> u64 {
    mix(x, 4_000_000) + 2
}

#[inline(never)]
fn handle(x: u64) -> u64 {
    let start = cpu_ns();
    let x = hot(x);
    let middle = cpu_ns();
    let x = cold(x);
    HOT_NS.fetch_add(middle - start, Relaxed);
    COLD_NS.fetch_add(cpu_ns() - middle, Relaxed);
    x
}

fn serve() {
    let mut x = 1;
    loop {
        x = black_box(handle(x));
    }
}

fn main() {
    spawn(serve);
    spawn(serve);
    println!("ready");
    for _ in stdin().lock().lines() {
        let (hot, cold) = (HOT_NS.load(Relaxed) as f64 / 1e6, COLD_NS.load(Relaxed) as f64 / 1e6);
        println!("TRUTH {{\"hotMs\":{hot},\"coldMs\":{cold}}}");
    }
}
