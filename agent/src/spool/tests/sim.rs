//! A file system in memory that keeps how it was at each operation, and forgets, tears and reorders what was not synced.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::spool::Fs;

/// Steele, Lea and Flood 2014.
#[derive(Clone, Debug)]
pub struct SplitMix(pub u64);

impl SplitMix {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

#[derive(Clone, Debug, Default)]
struct File {
    data: Vec<u8>,
    /// As it is on disk, and where each write since began.
    durable: Vec<u8>,
    writes: Vec<usize>,
}

#[derive(Clone, Debug)]
enum DirChange {
    Link(String, usize),
    Unlink(String),
}

#[derive(Clone, Debug, Default)]
struct Disk {
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    durable_names: BTreeMap<String, usize>,
    changes: Vec<DirChange>,
    full: bool,
    /// The disk as it was at each operation, while they are kept.
    moments: Option<Vec<Disk>>,
}

/// See the module. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct SimFs(Arc<Mutex<Disk>>);

impl SimFs {
    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap()
    }

    /// From now on the disk is kept as it is at each operation, that one begun and not done.
    pub fn keep_moments(&self) {
        self.disk().moments = Some(Vec::new());
    }

    /// How the disk was at each operation since this was asked last.
    pub fn moments(&self) -> Vec<Self> {
        let kept = self.disk().moments.as_mut().map(std::mem::take).unwrap_or_default();
        kept.into_iter().map(|disk| Self(Arc::new(Mutex::new(disk)))).collect()
    }

    /// From now on no byte more fits.
    pub fn fill(&self, full: bool) {
        self.disk().full = full;
    }

    /// Flips a bit of what is durable.
    pub fn rot(&self, random: &mut SplitMix) {
        let mut disk = self.disk();
        let names: Vec<usize> = disk.names.values().copied().collect();
        let Some(file) = names.get(usize::try_from(random.below(names.len() as u64)).unwrap()) else { return };
        let file = &mut disk.files[*file];
        let at = usize::try_from(random.below(file.data.len() as u64)).unwrap();
        if let Some(byte) = file.data.get_mut(at) {
            *byte ^= 1 << random.below(8);
            file.durable.clone_from(&file.data);
        }
    }

    /// What is left after the power went: of everything that was not synced any part, in any order.
    pub fn crash(&self, random: &mut SplitMix) -> Self {
        let disk = self.disk();
        let mut names = disk.durable_names.clone();
        for change in disk.changes.clone() {
            if random.below(2) == 0 {
                continue;
            }
            match change {
                DirChange::Link(name, file) => drop(names.insert(name, file)),
                DirChange::Unlink(name) => drop(names.remove(&name)),
            }
        }
        let mut files = Vec::new();
        for file in &disk.files {
            files.push(survivor(file, random));
        }
        let names = names.into_iter().filter(|(_, file)| *file < files.len()).collect::<BTreeMap<_, _>>();
        Self(Arc::new(Mutex::new(Disk { files, names: names.clone(), durable_names: names, ..Disk::default() })))
    }
}

fn survivor(file: &File, random: &mut SplitMix) -> File {
    let mut data = file.durable.clone();
    for (index, start) in file.writes.iter().enumerate() {
        let end = file.writes.get(index + 1).copied().unwrap_or(file.data.len());
        let len = end - start;
        let kept = match random.below(4) {
            0 => 0,
            1 => usize::try_from(random.below(len as u64 + 1)).unwrap(),
            _ => len,
        };
        if kept > 0 {
            // What lies before and was not written reads as zeros, or as what was on the disk once.
            let filler = if random.below(2) == 0 { 0 } else { 0xa5 };
            data.resize(data.len().max(start + kept), filler);
            data[*start..start + kept].copy_from_slice(&file.data[*start..start + kept]);
        }
    }
    File { durable: data.clone(), data, writes: Vec::new() }
}

impl Disk {
    /// Keeps how the disk is, when that is asked for.
    fn moment(&mut self) {
        if let Some(mut moments) = self.moments.take() {
            moments.push(self.clone());
            self.moments = Some(moments);
        }
    }

    fn room(&self) -> io::Result<()> {
        if self.full { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl Fs for SimFs {
    type File = usize;

    fn create(&mut self, name: &str) -> io::Result<usize> {
        let mut disk = self.disk();
        disk.moment();
        disk.room()?;
        disk.files.push(File::default());
        let file = disk.files.len() - 1;
        disk.names.insert(name.to_owned(), file);
        disk.changes.push(DirChange::Link(name.to_owned(), file));
        Ok(file)
    }

    fn append(&mut self, file: &mut usize, bytes: &[u8]) -> io::Result<()> {
        let mut disk = self.disk();
        disk.moment();
        // What is written as the power goes may be there in part: `moment` follows the bytes, and nothing is synced.
        let full = disk.room();
        let start = disk.files[*file].data.len();
        let part = if full.is_err() { bytes.len() / 2 } else { bytes.len() };
        disk.files[*file].writes.push(start);
        disk.files[*file].data.extend(&bytes[..part]);
        disk.moment();
        full
    }

    fn sync(&mut self, file: &mut usize) -> io::Result<()> {
        let mut disk = self.disk();
        disk.moment();
        let file = &mut disk.files[*file];
        file.durable.clone_from(&file.data);
        file.writes.clear();
        Ok(())
    }

    fn sync_dir(&mut self) -> io::Result<()> {
        let mut disk = self.disk();
        disk.moment();
        disk.durable_names = disk.names.clone();
        disk.changes.clear();
        Ok(())
    }

    fn list(&mut self) -> io::Result<Vec<String>> {
        let mut disk = self.disk();
        disk.moment();
        Ok(disk.names.keys().cloned().collect())
    }

    fn read(&mut self, name: &str, from: u64, max: usize) -> io::Result<Vec<u8>> {
        let mut disk = self.disk();
        disk.moment();
        let file = *disk.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        let data = &disk.files[file].data;
        let from = usize::try_from(from).unwrap().min(data.len());
        Ok(data[from..data.len().min(from.saturating_add(max))].to_vec())
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        let mut disk = self.disk();
        disk.moment();
        disk.names.remove(name).ok_or(io::ErrorKind::NotFound)?;
        disk.changes.push(DirChange::Unlink(name.to_owned()));
        Ok(())
    }
}
