//! `evenkeel init`.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use clap::Args;

use super::context::Context;
use super::fail::{Exit, Fail};
use super::say;
use crate::config;
use crate::net::{CollectorIdentity, Signer};
use crate::store::{CONTROL_FILE, JOURNAL_FILE, Store};
use evenkeel_common::error::chain;

/// Options of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// UDP address and port where agents connect.
    #[arg(long, value_name = "ADDR:PORT", default_value = "0.0.0.0:7443")]
    listen: SocketAddr,
    /// HOST:PORT that agents are told to join [default: this machine's name and the port of --listen].
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
}

/// Runs the verb. Nothing that exists is overwritten.
pub fn run(args: &InitArgs, context: &Context) -> Result<Exit, Fail> {
    let global = &context.global;
    let file = context.config_file();
    let databases = [CONTROL_FILE, JOURNAL_FILE].map(|name| global.data_dir.join(name));
    if let Some(there) = std::iter::once(&file).chain(&databases).find(|path| path.exists()) {
        return Err(Fail::failed(format!("{} exists: this collector was set up before", there.display())).hint(
            "start it with `evenkeel serve`; to set up another one, choose other places with --config-dir, \
             --data-dir and --runtime-dir",
        ));
    }
    make_dir(&global.config_dir, 0o755)?;
    make_dir(&global.data_dir, 0o700)?;
    make_dir(&global.runtime_dir, 0o755)?;
    CollectorIdentity::init(&global.data_dir, context.now).map_err(|error| Fail::failed(chain(&error)))?;
    Signer::open(&global.data_dir).map_err(|error| Fail::failed(chain(&error)))?;
    Store::open(&global.data_dir).map_err(|error| Fail::failed(chain(&error)))?;
    let mut set = vec![("listen", format!("\"{}\"", args.listen))];
    if let Some(address) = &args.address {
        set.push(("address", toml::Value::String(address.clone()).to_string()));
    }
    // Last: its presence says that the set-up is complete.
    write_new(&file, config::document(&set).as_bytes(), 0o644)?;
    say(&format!(
        "set up: {}, the CA and databases in {}\nnext: `evenkeel serve`, then `evenkeel token create --host NAME` for each host",
        file.display(),
        global.data_dir.display()
    ));
    Ok(Exit::Ok)
}

fn make_dir(path: &Path, mode: u32) -> Result<(), Fail> {
    if path.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new().recursive(true).mode(mode).create(path).map_err(|error| {
        Fail::failed(format!("the directory {} cannot be made: {error}", path.display()))
            .hint("run as root, or choose other places with --config-dir, --data-dir and --runtime-dir")
    })
}

fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<(), Fail> {
    let cannot = |error| Fail::failed(format!("{} cannot be written: {error}", path.display()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path).map_err(cannot)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(cannot)
}
