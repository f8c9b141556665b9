//! Which device a request comes from: several cookies in one request, renewals, and when a device was last seen.

use crate::{
    installation::{Ada, Installation},
    test_engine::{OPERATOR, START, TestEngine, cookie, from, origin},
};
use time::Duration;

#[tokio::test]
async fn of_several_cookies_the_one_of_a_live_device_counts() {
    let test = TestEngine::new().await;
    let (_, uri) = test.provisioned("ada@example.com").await;
    let on = async |browser| {
        test.wait(30);
        let code = test.totp(&uri);
        let registered = test.register_on("ada@example.com", &code, browser);
        registered.await.unwrap()
    };
    let laptop_before = on(None).await;
    let laptop = on(Some((&laptop_before.current_user).into())).await;
    assert_eq!(
        laptop_before.current_user.device_id,
        laptop.current_user.device_id
    );
    let phone = on(None).await;
    let signed_out = on(None).await;
    let (user, origin) = (&signed_out.current_user, origin());
    test.engine.sign_out(user, &origin).await.unwrap();
    let grace = test.registered("grace@example.com").await;
    let deleted = grace.current_user.user_id;
    let deletion = test.engine.delete_user(&OPERATOR, deleted, &origin);
    deletion.await.unwrap();

    let (laptop, phone) = (cookie(&laptop), cookie(&phone));
    // Its secret was replaced when Ada signed in again.
    let former = cookie(&laptop_before);
    let (signed_out, deleted) = (cookie(&signed_out), cookie(&grace));
    let forged = &*laptop.replace(&laptop[60..], &phone[60..]);
    for (cookies, expected) in [
        (vec![], None),
        (vec![""], None),
        (vec![forged], None),
        (vec![former], None),
        (vec![signed_out], None),
        (vec![deleted], None),
        (vec![laptop], Some(laptop)),
        (vec![laptop, laptop], Some(laptop)),
        (vec![former, laptop], Some(laptop)),
        (vec![laptop, former], Some(laptop)),
        (vec![signed_out, deleted, laptop], Some(laptop)),
        (vec![laptop, signed_out, deleted], Some(laptop)),
        // Which of two devices it is cannot be said.
        (vec![laptop, phone], None),
        (vec![phone, former, laptop], None),
        // Cookies that anyone can set do not hide the genuine one.
        ([vec![forged; 100], vec![laptop]].concat(), Some(laptop)),
    ] {
        let found = test.engine.sole_live_device(cookies.clone()).await;
        assert_eq!(found, expected, "{cookies:?}");
    }
}

#[tokio::test]
async fn of_two_cookies_of_one_device_the_one_that_ends_later_counts() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    test.wait(24 * 60 * 60);
    let found = test.engine.authenticate(Some(cookie(&ada)), None).await;
    let renewed = found.unwrap().renewed.unwrap().value;
    let (old, new) = (cookie(&ada), renewed.expose_secret());
    for cookies in [vec![old, new], vec![new, old], vec![old, new, old]] {
        assert_eq!(test.engine.sole_live_device(cookies).await, Some(new));
    }
}

#[tokio::test]
async fn a_cookie_is_renewed_once_a_day_of_its_life_is_over() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    let renewed_until = async || {
        let found = test.engine.authenticate(Some(cookie(&ada)), None).await;
        found.unwrap().renewed.map(|cookie| cookie.expires_at)
    };
    test.wait(24 * 60 * 60 - 1);
    assert_eq!(renewed_until().await, None);
    test.wait(1);
    let expected = START + Duration::days(91);
    assert_eq!(renewed_until().await, Some(expected));
}

#[tokio::test]
async fn a_device_can_end_before_its_cookie_does() {
    let installation = Installation::new();
    let engine = installation.open().await;
    let ada = Ada::new(&engine).await;
    let end = START.unix_timestamp() + 60;
    let sooner = format!("UPDATE devices SET expires_at = {end}");
    installation.sql(&sooner).await;
    for (seconds, is_live) in [(59, true), (1, false)] {
        installation.clock.advance(Duration::seconds(seconds));
        let found = engine.authenticate(Some(&ada.cookie()), None).await;
        let found = found.unwrap();
        assert_eq!(found.current_user.is_some(), is_live);
        assert!(found.browser.is_some(), "its owner may sign in again");
    }
}

#[tokio::test]
async fn a_list_says_when_and_from_where_a_device_was_last_seen() {
    let test = TestEngine::new().await;
    let ada = test.registered("ada@example.com").await;
    test.wait(60);
    let train = from([198, 51, 100, 7]);
    test.engine.note_seen(&ada.current_user, &train);
    test.engine.flush().await;
    let devices = test.engine.my_devices(&ada.current_user).await.unwrap();
    assert_eq!(
        (devices[0].last_seen_at, devices[0].last_ip.as_deref()),
        (START + Duration::MINUTE, Some("198.51.100.7"))
    );
}
