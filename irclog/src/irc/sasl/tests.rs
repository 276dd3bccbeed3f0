use super::*;

fn credentials(password: Option<&str>, certificate: bool) -> Credentials {
    Credentials {
        account: "ann".into(),
        named: false,
        password: password.map(Hidden::new),
        certificate,
        mechanisms: Mechanism::ALL.to_vec(),
    }
}

#[test]
fn the_strongest_that_both_have_is_taken() {
    let both = credentials(Some("x"), true);
    let word = credentials(Some("x"), false);
    for (credentials, offered, taken) in [
        (
            &both,
            Some("PLAIN,EXTERNAL,SCRAM-SHA-256"),
            Some("EXTERNAL"),
        ),
        (&both, Some("plain,scram-sha-256"), Some("SCRAM-SHA-256")),
        (&word, Some("PLAIN,EXTERNAL"), Some("PLAIN")),
        (&word, Some("EXTERNAL,ECDSA-NIST256P-CHALLENGE"), None),
        (&word, None, Some("SCRAM-SHA-256")),
        (&credentials(None, false), None, None),
    ] {
        let mut sasl = Sasl::new(credentials.clone(), offered);
        assert_eq!(sasl.begin().map(Mechanism::name), taken, "{offered:?}");
    }
}

fn one(sasl: &mut Sasl, challenge: &str) -> String {
    match sasl.challenged(challenge) {
        Next::Send(chunks) => chunks.concat(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn plain_and_external_say_what_they_must() {
    let mut sasl = Sasl::new(credentials(Some("walrus"), false), Some("PLAIN"));
    sasl.begin();
    assert!(!sasl.has_begun());
    let said = BASE64.decode(one(&mut sasl, "+").as_bytes()).unwrap();
    assert_eq!(said, b"ann\0ann\0walrus");
    assert!(sasl.has_begun());
    let mut sasl = Sasl::new(credentials(None, true), Some("EXTERNAL"));
    sasl.begin();
    assert_eq!(one(&mut sasl, "+"), "+");
    let named = Credentials {
        named: true,
        ..credentials(None, true)
    };
    let mut sasl = Sasl::new(named, Some("EXTERNAL"));
    sasl.begin();
    assert_eq!(
        BASE64.decode(one(&mut sasl, "+").as_bytes()).unwrap(),
        b"ann"
    );
}

#[test]
fn long_answers_come_in_chunks_and_full_ones_are_ended() {
    // 300 bytes are 400 characters of base64.
    for (bytes, lengths) in [
        (1, &[4][..]),
        (300, &[400, 1]),
        (301, &[400, 4]),
        (600, &[400, 400, 1]),
    ] {
        let chunks = chunks(&"x".repeat(bytes));
        let sizes: Vec<usize> = chunks.iter().map(String::len).collect();
        assert_eq!(sizes, lengths, "{bytes}");
        assert_eq!(
            chunks.last().is_some_and(|last| last == "+"),
            bytes % 300 == 0
        );
    }
}

/// The example of RFC 7677, section 3.
#[test]
fn scram_says_what_its_example_says() {
    let (scram, first) = Scram::begin("user", "rOprNGfwEbeRWgbNEkqO");
    assert_eq!(first, "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    let challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                     s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    let (scram, proof) = scram.answer(challenge.as_bytes(), "pencil").unwrap();
    assert_eq!(
        proof,
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
         p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    );
    let server = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    let (scram, last) = scram.answer(server.as_bytes(), "pencil").unwrap();
    assert_eq!(last, "");
    assert!(matches!(scram, Scram::Proven));
}

#[test]
fn a_server_that_does_not_do_its_part_of_scram_is_left() {
    let first = |challenge: &str| {
        let (scram, _) = Scram::begin("user", "abc");
        scram
            .answer(challenge.as_bytes(), "pencil")
            .map(|(_, answer)| answer)
    };
    for challenge in [
        "",
        "r=abc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=xyz1,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=abcd,s=?,i=4096",
        "r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
        "r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4294967295",
        "r=abcd,i=4096",
        "r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1",
    ] {
        assert!(first(challenge).is_err(), "{challenge}");
    }
    let (scram, _) = Scram::begin("user", "abc");
    let good = "r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    let (scram, _) = scram.answer(good.as_bytes(), "pencil").unwrap();
    assert!(scram.answer(b"v=AAAA", "pencil").is_err());
}

#[test]
fn challenges_are_bounded_and_gathered() {
    let mut sasl = Sasl::new(credentials(Some("x"), false), Some("PLAIN"));
    assert_eq!(sasl.challenged("+"), Next::Wait, "nothing was begun");
    sasl.begin();
    let full = "A".repeat(CHUNK);
    for _ in 0..4 {
        assert_eq!(sasl.challenged(&full), Next::Wait);
    }
    assert!(matches!(sasl.challenged(&full), Next::Abort(_)));
    let mut sasl = Sasl::new(credentials(Some("x"), false), Some("PLAIN"));
    sasl.begin();
    assert!(matches!(sasl.challenged("???"), Next::Abort(_)));
}
