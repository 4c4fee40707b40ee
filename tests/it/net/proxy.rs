//! A line that loses, doubles and reorders datagrams, and that can be cut.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use evenkeel_tests::random::SplitMix;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// Of a thousand datagrams so many are lost, doubled, and held back for a moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    pub lost: u64,
    pub doubled: u64,
    pub held_back: u64,
}

/// A running proxy; dropping it ends it.
pub struct Proxy {
    pub address: SocketAddr,
    /// Nothing passes while this is set.
    pub cut: Arc<AtomicBool>,
    /// Datagrams that were lost, doubled or held back.
    pub touched: Arc<AtomicU64>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

struct Line {
    weather: Weather,
    random: Mutex<SplitMix>,
    cut: Arc<AtomicBool>,
    touched: Arc<AtomicU64>,
}

impl Line {
    async fn pass(self: &Arc<Self>, socket: &Arc<UdpSocket>, to: SocketAddr, bytes: &[u8]) {
        if self.cut.load(Ordering::SeqCst) {
            return;
        }
        let (roll, delay_ms) = {
            let mut random = self.random.lock().unwrap();
            (random.below(1_000), 1 + random.below(30))
        };
        let Weather { lost, doubled, held_back } = self.weather;
        if roll < lost + doubled + held_back {
            self.touched.fetch_add(1, Ordering::SeqCst);
        }
        if roll < lost {
            return;
        }
        if roll < lost + doubled {
            socket.send_to(bytes, to).await.ok();
        } else if roll < lost + doubled + held_back {
            let (socket, bytes) = (Arc::clone(socket), bytes.to_vec());
            tokio::spawn(async move {
                // A line's delay is what is tested here.
                tokio::time::timeout(Duration::from_millis(delay_ms), std::future::pending::<()>()).await.ok();
                socket.send_to(&bytes, to).await.ok();
            });
            return;
        }
        socket.send_to(bytes, to).await.ok();
    }
}

impl Proxy {
    /// A line to `collector` under this weather.
    pub async fn start(collector: SocketAddr, weather: Weather, seed: u64) -> Self {
        let front = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let address = front.local_addr().unwrap();
        let (cut, touched) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let random = Mutex::new(SplitMix(seed));
        let line = Arc::new(Line { weather, random, cut: Arc::clone(&cut), touched: Arc::clone(&touched) });
        let task = tokio::spawn(async move {
            let mut backs: HashMap<SocketAddr, Arc<UdpSocket>> = HashMap::new();
            let mut readers = tokio::task::JoinSet::new();
            let mut bytes = vec![0; 2_048];
            while let Ok((len, from)) = front.recv_from(&mut bytes).await {
                if let Entry::Vacant(slot) = backs.entry(from) {
                    let back = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
                    slot.insert(Arc::clone(&back));
                    let (line, front) = (Arc::clone(&line), Arc::clone(&front));
                    readers.spawn(async move {
                        let mut bytes = vec![0; 2_048];
                        loop {
                            // A refused datagram is an error of the socket, not its end.
                            if let Ok((len, _)) = back.recv_from(&mut bytes).await {
                                line.pass(&front, from, &bytes[..len]).await;
                            }
                        }
                    });
                }
                line.pass(&backs[&from], collector, &bytes[..len]).await;
            }
        });
        Self { address, cut, touched, tasks: vec![task] }
    }
}
