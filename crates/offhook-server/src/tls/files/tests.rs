use std::io::Write;
use std::sync::Mutex;

use super::super::self_signed;
use super::*;

/// The log of a test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Looks this often without being asked; gives what was said.
    fn of_looks(&self, files: &mut Files, times: usize) -> Vec<String> {
        self.0.lock().unwrap().clear();
        let log = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_writer(move || log.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || (0..times).for_each(|_| files.look(false)));
        let said = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        said.lines().map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn a_bad_pair_is_told_of_once_and_only_if_it_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let pairs: Vec<_> = (0..3)
        .map(|_| self_signed::make("127.0.0.1".parse().unwrap()).unwrap())
        .collect();
    std::fs::write(&certificate, &pairs[0].certificate_pem).unwrap();
    std::fs::write(&key, &pairs[0].key_pem).unwrap();
    let (mut files, current) = Files::open(&certificate, &key).unwrap();
    let first = served(&current);
    let log = Log::default();
    assert!(log.of_looks(&mut files, 3).is_empty(), "nothing is new");

    // Seen between the writing of one file and of the other.
    std::fs::write(&certificate, &pairs[1].certificate_pem).unwrap();
    assert!(log.of_looks(&mut files, 1).is_empty());
    assert_eq!(served(&current), first);
    std::fs::write(&key, &pairs[1].key_pem).unwrap();
    let said = log.of_looks(&mut files, 3);
    assert!(said.len() == 1 && said[0].contains("was replaced"), "{said:?}");
    let second = served(&current);
    assert_ne!(second, first);

    for bad in ["", "nonsense", &pairs[2].key_pem] {
        std::fs::write(&key, bad).unwrap();
        let said = log.of_looks(&mut files, 5);
        assert!(said.len() == 1 && said[0].contains("cannot be used"), "{said:?}");
        assert_eq!(served(&current), second);
    }
    std::fs::remove_file(&key).unwrap();
    let said = log.of_looks(&mut files, 5);
    assert!(said.len() == 1 && said[0].contains("cannot be read"), "{said:?}");

    // The old pair is back: all is well, and the same mistake is told of anew.
    std::fs::write(&key, &pairs[1].key_pem).unwrap();
    assert!(log.of_looks(&mut files, 2).is_empty());
    std::fs::write(&key, "nonsense").unwrap();
    assert_eq!(log.of_looks(&mut files, 5).len(), 1);
}

fn served(current: &Current) -> Vec<u8> {
    current.0.read().unwrap().cert[0].to_vec()
}
