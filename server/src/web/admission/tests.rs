use super::*;
use latchkey_engine::CookieDigest;
use std::sync::Mutex;

/// A clock that stands still until it is set.
fn clock() -> (
    Arc<Mutex<Duration>>,
    impl Fn() -> Duration + Send + Sync + 'static,
) {
    let time = Arc::new(Mutex::new(Duration::from_secs(1000)));
    let shown = Arc::clone(&time);
    (time, move || *shown.lock().unwrap())
}

fn from(address: &str) -> Source {
    Source::of(Some(address.parse().unwrap()))
}

fn few() -> Quotas {
    let quota = |burst, per_second| Quota { burst, per_second };
    Quotas {
        network: quota(3, 1),
        network_programs: quota(3, 1),
        programs: quota(4, 1),
        program: ProgramQuota {
            requests: 1,
            window: Duration::from_secs(1),
            burst: 3,
        },
        everybody: quota(5, 1),
        attempts: quota(2, 1),
        attempts_of_everybody: quota(3, 1),
        device: quota(4, 1),
        at_once: 2,
        waiting: 1,
        max_wait: Duration::from_millis(50),
    }
}

#[test]
fn audit_3_a_network_is_an_ipv4_address_or_an_ipv6_64() {
    assert_eq!(from("192.0.2.1"), from("::ffff:192.0.2.1"));
    assert_ne!(from("192.0.2.1"), from("192.0.2.2"));
    assert_eq!(from("2001:db8::1"), from("2001:db8::ffff:1:2:3"));
    assert_ne!(from("2001:db8::1"), from("2001:db8:0:1::1"));
}

#[test]
fn audit_3_one_network_uses_up_its_own_quota_which_refills() {
    let (time, clock) = clock();
    let admission = Admission::new(few(), clock);
    let ask = |address| admission.count(from(address), Rate::Request);
    for _ in 0..3 {
        assert_eq!(ask("2001:db8::1"), Ok(()));
    }
    for address in ["2001:db8::1", "2001:db8::2"].repeat(50) {
        let refused = ask(address).unwrap_err();
        assert!(refused.is_own_doing);
        assert_eq!(refused.policy, Some(few().network.policy("network")));
        assert_eq!(refused.wait, Duration::from_secs(1));
    }
    // It has not used up what all may.
    assert_eq!(ask("192.0.2.1"), Ok(()));
    *time.lock().unwrap() += Duration::from_secs(1);
    assert_eq!(ask("2001:db8::2"), Ok(()));
    assert!(ask("2001:db8::2").is_err());
}

#[test]
fn audit_3_the_quota_of_all_networks_does_not_affect_devices() {
    let (_, clock) = clock();
    let admission = Admission::new(few(), clock);
    let mut passed = 0;
    for last in 0..200 {
        match admission.count(from(&format!("192.0.2.{last}")), Rate::Request) {
            Ok(()) => passed += 1,
            Err(refused) => assert!(!refused.is_own_doing && refused.wait > Duration::ZERO),
        }
    }
    assert_eq!(passed, few().everybody.burst);
    let device = |number| Source::Device(CookieDigest::new(number));
    for _ in 0..few().device.burst {
        assert_eq!(admission.count(device(1), Rate::Request), Ok(()));
    }
    assert!(admission.count(device(1), Rate::Request).is_err());
    assert_eq!(admission.count(device(2), Rate::Attempt), Ok(()));
}

#[test]
fn audit_57_programs_and_people_do_not_use_up_each_other_s_quotas() {
    let (_, clock) = clock();
    let admission = Admission::new(few(), clock);
    let ask = |last: u32, rate| admission.count(from(&format!("192.0.2.{last}")), rate);
    for _ in 0..3 {
        assert_eq!(ask(1, Rate::Program), Ok(()));
    }
    let refused = ask(1, Rate::Program).unwrap_err();
    assert_eq!(
        refused.policy,
        Some(few().network_programs.policy("network"))
    );
    assert_eq!(ask(2, Rate::Program), Ok(()));
    let refused = ask(2, Rate::Program).unwrap_err();
    assert_eq!(refused.policy, Some(few().programs.policy("programs")));
    for last in 1..=few().everybody.burst {
        assert_eq!(ask(last, Rate::Request), Ok(()));
    }
    assert!(ask(9, Rate::Request).is_err());
}

#[test]
fn audit_3_attempts_are_fewer_than_requests() {
    let (_, clock) = clock();
    let admission = Admission::new(few(), clock);
    let attempt = |address| admission.count(from(address), Rate::Attempt);
    assert_eq!(attempt("192.0.2.1"), Ok(()));
    assert_eq!(attempt("192.0.2.1"), Ok(()));
    let refused = attempt("192.0.2.1").unwrap_err();
    assert_eq!(refused.policy.map(|policy| policy.name), Some("attempts"));
    assert_eq!(attempt("192.0.2.2"), Ok(()));
    let refused = attempt("192.0.2.2").unwrap_err();
    let name = refused.policy.map(|policy| policy.name);
    assert_eq!(name, Some("attempts-of-everybody"));
    assert_eq!(admission.count(from("192.0.2.3"), Rate::Request), Ok(()));
}

#[test]
fn audit_9_the_memory_of_quotas_is_bounded_by_recent_networks() {
    let (time, clock) = clock();
    let admission = Admission::new(Quotas::default(), clock);
    let network = |number: u32| {
        let [a, b, c, d] = number.to_be_bytes();
        Source::V6([0x20, 1, 0xd, 0xb8, a, b, c, d])
    };
    for number in 0..200_000 {
        let _ = admission.count(network(number), Rate::Attempt);
    }
    assert!(admission.counted() <= 2 * MAX_NETWORKS + 1);
    let device = Source::Device(CookieDigest::new(1));
    assert_eq!(
        admission.count(device, Rate::Attempt),
        Ok(()),
        "no number of networks is in the way of a device"
    );
    *time.lock().unwrap() += Duration::from_secs(40);
    assert_eq!(admission.count(network(7), Rate::Request), Ok(()));
    assert!(admission.counted() <= 2, "{}", admission.counted());
}

#[tokio::test]
async fn audit_3_concurrent_anonymous_requests_and_their_queue_are_limited() {
    let admission = Admission::new(few(), || Duration::ZERO);
    let (one, _two) = (admission.enter().await.unwrap(), admission.enter().await);
    let third = admission.enter();
    let fourth = async {
        // When the third waits.
        tokio::task::yield_now().await;
        let start = Instant::now();
        let refused = admission.enter().await.err();
        assert!(start.elapsed() < few().max_wait);
        drop(one);
        refused
    };
    let (third, fourth) = tokio::join!(third, fourth);
    assert!(third.is_ok());
    assert!(!fourth.unwrap().is_own_doing);
    // Nobody makes room: the wait ends.
    assert!(admission.enter().await.is_err());
    assert_eq!(admission.waiting.load(Ordering::SeqCst), 0);
}

#[test]
fn the_wait_is_rounded_up() {
    let wait = |millis| {
        let wait = Duration::from_millis(millis);
        let refused = Refused {
            wait,
            is_own_doing: true,
            policy: None,
        };
        refused.wait_seconds()
    };
    assert_eq!([wait(0), wait(1), wait(1000), wait(1001)], [1, 1, 1, 2]);
}
