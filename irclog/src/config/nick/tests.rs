use super::*;

fn own() -> Surroundings {
    let vars = |name: &str| match name {
        "HOSTNAME" => Some("ip-10-0-3-17.eu-west-1.compute.internal".to_owned()),
        "ECS_CONTAINER_METADATA_URI_V4" => {
            Some("http://169.254.170.2/v4/0a1b2c3d4e5f60718293a4b5c6d73f2a-2531612879".to_owned())
        }
        _ => None,
    };
    Surroundings::new("svc".into(), vars, None)
}

fn within(text: &str, longest: usize, mark: &str) -> String {
    Nick::parse(text, &own()).unwrap().within(longest, mark)
}

#[test]
fn places_are_filled() {
    assert_eq!(within("pay-{task}", 30, ""), "pay-3f2a");
    assert_eq!(within("pay-{host}", 30, ""), "pay-ip-10-0-3-17");
    assert_eq!(within("pay{n}-prod", 30, "2"), "pay2-prod");
    assert_eq!(within("pay", 30, "_"), "pay_");
    assert_eq!(Nick::parse("pay{n}", &own()).unwrap().to_string(), "pay1");
    let plain = Surroundings::new("svc".into(), |_| None, Some("web-7f9c".into()));
    assert_eq!(plain.task.as_deref(), Some("7f9c"));
    assert_eq!(plain.host.as_deref(), Some("web-7f9c"));
}

#[test]
fn an_instance_is_what_runs_it_calls_it() {
    let instance = |vars: &[(&str, &str)], host: &str| {
        let var = |name: &str| {
            let var = vars.iter().find(|(known, _)| *known == name);
            var.map(|(_, value)| (*value).to_owned())
        };
        Surroundings::new("svc".into(), var, Some(host.to_owned())).instance
    };
    assert_eq!(own().instance.as_deref(), Some("task 3f2a"));
    let kubernetes = ("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    assert_eq!(
        instance(&[kubernetes, ("HOSTNAME", "pay-7f9c-x2x4")], "node").as_deref(),
        Some("pod pay-7f9c-x2x4")
    );
    assert_eq!(
        instance(&[], "3f2a1b2c3d4e").as_deref(),
        Some("container 3f2a1b2c3d4e")
    );
    assert_eq!(instance(&[], "laptop"), None);
}

#[test]
fn what_tells_instances_apart_is_cut_last() {
    assert_eq!(within("facilitator-{task}", 9, ""), "facil3f2a");
    assert_eq!(within("facilitator-{task}", 9, "_"), "faci3f2a_");
    assert_eq!(within("facilitator{n}", 9, "12"), "facilit12");
    assert_eq!(within("facilitator-{host}", 9, ""), "f0-0-3-17");
    assert_eq!(within("facilitator", 9, "xyz"), "facilixyz");
    #[cfg(feature = "cli")]
    assert_eq!(
        Nick::plain("facilitator").with("-check").within(9, ""),
        "fac-check"
    );
}

#[test]
fn what_is_missing_or_doubled_is_told() {
    let nothing = Surroundings::default();
    assert!(
        Nick::parse("pay-{task}", &nothing)
            .unwrap_err()
            .contains("{task}")
    );
    assert!(
        Nick::parse("pay-{host}", &nothing)
            .unwrap_err()
            .contains("HOSTNAME")
    );
    assert!(Nick::parse("{n}{n}", &own()).unwrap_err().contains("twice"));
    assert!(
        Nick::parse("a{b}", &nothing).is_ok(),
        "braces are nick characters"
    );
}
