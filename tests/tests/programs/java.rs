//! Java's own logger and what ends a thread.

use super::{counts, seen, shows, skip, works};

#[test]
fn java_s_causes_stay_with_the_class_that_logged_them() {
    // Only a JDK runs sources.
    if !works("javac", &["-version"]) {
        skip("no javac is in PATH: apt-get install default-jdk-headless");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("Shop.java");
    let source = r#"
import java.util.logging.*;
public class Shop {
    static class SettleException extends RuntimeException {
        SettleException(String message, Throwable cause) { super(message, cause); }
    }
    static int price(String coin) { throw new java.util.NoSuchElementException("no price for " + coin); }
    static void settle(String coin) {
        try { price(coin); } catch (Exception error) { throw new SettleException("cannot settle " + coin, error); }
    }
    public static void main(String[] args) throws Exception {
        Logger log = Logger.getLogger("shop.pay");
        log.info("ready");
        log.warning("slow");
        try { settle("dai"); } catch (Exception error) { log.log(Level.SEVERE, "refused", error); }
        Thread worker = new Thread(() -> settle("eth"), "worker 1");
        worker.start();
        worker.join();
        log.info("done");
    }
}
"#;
    std::fs::write(&file, source).expect("a writable folder");
    let said = seen("java", &[&file.display().to_string()]);
    counts(&said, "ERROR", 2);
    counts(&said, "WARN", 1);
    counts(&said, "INFO", 2);
    shows(
        &said,
        "ERROR Shop - refused",
        &[
            "SettleException: cannot settle dai",
            "at Shop.settle(",
            "Caused by: java.util.NoSuchElementException: no price for dai",
        ],
    );
    shows(
        &said,
        "ERROR shop - Exception in thread \"worker 1\"",
        &[
            "SettleException: cannot settle eth",
            "Caused by: java.util.NoSuchElementException: no price for eth",
        ],
    );
}
