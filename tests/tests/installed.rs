//! The command as people install it, without Rust. `scripts/build-packages`
//! builds it and runs these tests with `IRCLOG_PACKAGES` set; elsewhere they
//! have nothing to try.
#![cfg(target_os = "linux")]

use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use irclog_tests::SOON;
use irclog_tests::loopback::{Config, Server, Tls};
use irclog_tests::process::{Finished, Program};

/// What was built.
fn packages() -> Option<PathBuf> {
    let folder = std::env::var_os("IRCLOG_PACKAGES").map(PathBuf::from);
    if folder.is_none() {
        println!("not tried: IRCLOG_PACKAGES names no folder");
    }
    folder
}

/// The file in `folder` whose name begins and ends so.
fn find(folder: &Path, begin: &str, end: &str) -> PathBuf {
    let files = std::fs::read_dir(folder).expect("a folder").flatten();
    let mut names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let name = names.find(|name| name.starts_with(begin) && name.ends_with(end));
    folder.join(name.unwrap_or_else(|| panic!("no {begin}…{end} in {}", folder.display())))
}

fn shell(script: &str) -> Program {
    Program::at("/bin/sh").arg("-ec").arg(script)
}

/// Answers every question for an address with 127.0.0.1, until the process
/// ends; on an address of loopback that nobody else uses.
fn name_server() -> String {
    let address = "127.77.53.1";
    let socket = UdpSocket::bind((address, 53)).expect("the port of names, as root");
    thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            let question = &question[..length];
            // A header, a name that ends with a zero, a type and a class.
            let name = question[12..].iter().position(|&byte| byte == 0);
            let Some(end) = name.map(|at| 12 + at + 5).filter(|&end| end <= length) else {
                continue;
            };
            let asks_for_v4 = question[end - 4..end - 2] == [0, 1];
            let mut answer = question[..end].to_vec();
            answer[2..12].copy_from_slice(&[
                0x81,
                0x80,
                0,
                1,
                0,
                u8::from(asks_for_v4),
                0,
                0,
                0,
                0,
            ]);
            if asks_for_v4 {
                answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
            }
            // Who asked may be gone.
            let _ = socket.send_to(&answer, from);
        }
    });
    address.to_owned()
}

/// No library, no shell, no authorities, another user, nothing to write to:
/// names are looked up and certificates checked all the same.
#[test]
fn the_static_command_works_in_an_empty_root() {
    let Some(packages) = packages() else { return };
    let machine = std::env::consts::ARCH;
    let root = tempfile::tempdir().expect("a temporary folder");
    let path = root.path().display();
    let command = packages.join(format!("irclog-linux-{machine}"));
    std::fs::copy(&command, root.path().join("irclog")).expect("it was built");
    std::fs::create_dir(root.path().join("etc")).expect("an empty root");
    let resolver = format!("nameserver {}\n", name_server());
    std::fs::write(root.path().join("etc/resolv.conf"), resolver).expect("a file");

    let server = Server::start(Config::default().tls(Tls::for_name("irc.test.example")));
    let authority = &server.certificate().expect("it speaks TLS").ca_pem;
    let script = format!(
        "mount --bind {path} {path}; mount -o remount,bind,ro {path}; \
         exec chroot --userspec=10001:10001 {path} /irclog run -- /irclog --version"
    );
    let done: Finished = Program::at("/usr/bin/unshare")
        .arg("--mount")
        .arg("sh")
        .arg("-ec")
        .arg(script)
        .env("IRC_SERVER", "irc.test.example")
        .env("IRC_PORT", server.port().to_string())
        .env("IRC_CA", authority)
        .env("IRC_CHANNEL", "#logs")
        .env("IRC_NICK", "static")
        .env("IRC_EXIT_TIMEOUT", "60")
        .run(SOON);
    assert!(done.status.success(), "{done:#?}");
    let seen = server.member("#logs").wait_for_text("irclog 0.", SOON);
    assert!(seen.is_some(), "{done:#?}");
    println!("the static command: seen in the channel, by name and TLS, from an empty root");
}

/// In fresh environments of each Python that this machine has.
#[test]
fn the_wheel_is_the_command_for_every_python() {
    let Some(packages) = packages() else { return };
    let machine = std::env::consts::ARCH;
    let wheel = find(&packages, "irclog_live-", &format!("{machine}.whl"));
    let mut tried = 0;
    for python in ["3.10", "3.11", "3.12", "3.13"] {
        let Some(python) = interpreter(python) else {
            println!("the wheel: not tried, no Python {python} here");
            continue;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = Server::start(Config::default());
        let script = format!(
            "{} -m venv {venv}; {venv}/bin/pip install --quiet --disable-pip-version-check \
             --no-index {}; {venv}/bin/irclog --version; {venv}/bin/python -m irclog_live --version; \
             {venv}/bin/python -c 'print(\"from python\")' | {venv}/bin/python -m irclog_live pipe; \
             find {venv} -path '*irclog_live-*' -name 'LICENSE*'; \
             grep -c 'live and redacted' {venv}/lib/python*/site-packages/irclog_live-*/METADATA",
            python.display(),
            wheel.display(),
            venv = folder.path().display(),
        );
        let done = shell(&script)
            .env("IRC_SERVER", "127.0.0.1")
            .env("IRC_PORT", server.port().to_string())
            .env("IRC_TLS", "false")
            .env("IRC_CHANNEL", "#logs")
            .env("IRC_NICK", "wheel")
            .env("IRC_EXIT_TIMEOUT", "60")
            .run(SOON);
        assert!(done.status.success(), "{done:#?}");
        let versions = done
            .stdout
            .iter()
            .filter(|line| line.starts_with("irclog 0."));
        assert_eq!(versions.count(), 2, "{done:#?}");
        let licences = done.stdout.iter().filter(|line| line.contains("LICENSE-"));
        assert_eq!(licences.count(), 2, "{done:#?}");
        let seen = server.member("#logs").wait_for_text("from python", SOON);
        assert!(seen.is_some(), "{done:#?}");
        tried += 1;
        println!("the wheel: seen in the channel, from {}", python.display());
    }
    assert!(tried > 0, "no Python at all");
}

fn interpreter(version: &str) -> Option<PathBuf> {
    let name = format!("python{version}");
    let home = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    let managed = std::fs::read_dir(home.join(".pyenv/versions"));
    let managed = managed.into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    managed
        .map(|version| version.path().join("bin"))
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(&name))
        // A name that stands for a version that is not there does not run.
        .find(|python| {
            let run = Command::new(python).arg("--version").output();
            run.is_ok_and(|output| output.status.success())
        })
}

/// glibc 2.17 is what a wheel of 2014 may ask for at most.
#[test]
fn the_wheel_asks_for_no_newer_system_than_it_says() {
    let Some(packages) = packages() else { return };
    let wheel = find(&packages, "irclog_live-", ".whl");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = format!(
        "python3 -m zipfile -e {} {folder}; \
         grep -aoE 'GLIBC_2\\.[0-9]+' {folder}/irclog_live-*.data/scripts/irclog | sort -u",
        wheel.display(),
        folder = folder.path().display(),
    );
    let done = shell(&script).run(SOON);
    assert!(
        done.status.success() && !done.stdout.is_empty(),
        "{done:#?}"
    );
    for line in &done.stdout {
        let minor = line
            .rsplit('.')
            .next()
            .and_then(|minor| minor.parse::<u32>().ok());
        assert!(minor.is_some_and(|minor| minor <= 17), "{line}");
    }
}
