//! The requests, one after another.

use super::{
    asked::{Asked, Expected},
    exchange::{Answer, Question},
    forged::{Forged, Spelling},
    http::{Client, NoAnswer},
    odd,
    person::{self, OTHER_COOKIE},
    sight::Sight,
    stand_in::StandIn,
    stranger, upgrade,
};
use crate::cli::finding::{Finding, Status};
use axum::http::header;
use latchkey_app::identity::IdentityHeaders;
use latchkey_domain::secret::SecretText;

/// Everything that a walk needs.
pub(super) struct Walk<'a> {
    pub(super) client: &'a Client,
    pub(super) stand_in: Option<&'a StandIn>,
    pub(super) identity: &'a IdentityHeaders,
    pub(super) has_rules: bool,
    /// Stands in forged headers, and nowhere else.
    pub(super) random: &'a str,
    pub(super) asked: Asked<'a>,
}

impl Walk<'_> {
    /// Strangers ask. Returns whether anybody answered.
    pub(super) async fn as_strangers(&self, found: &mut Vec<Finding>) -> bool {
        let (answer, sight) = match self.see(self.page()).await {
            Ok(seen) => seen,
            Err(why) => {
                found.push(Finding::failed("page", why.to_string()));
                return false;
            }
        };
        found.push(stranger::page(&self.asked, &answer, has_arrived(&sight)));
        found.extend(stranger::is_nobody(self.identity, &sight));
        found.push(match self.see(Question::script(self.asked.url)).await {
            Ok((answer, sight)) => stranger::script(&self.asked, &answer, has_arrived(&sight)),
            Err(why) => Finding::failed("script", why.to_string()),
        });
        self.forge("forged", self.page(), found).await;
        self.try_odd_paths("odd paths", self.page(), found).await;
        self.try_upgrade("upgrade", self.page(), found).await;
        true
    }

    /// A person asks, with the cookie of a registered device.
    pub(super) async fn as_person(
        &self,
        email: &str,
        name: &str,
        cookie: &SecretText,
        found: &mut Vec<Finding>,
    ) {
        let cookie = cookie.expose_secret();
        let page = self
            .page()
            // Among others, as browsers bring it.
            .with_secret(header::COOKIE, &format!("{OTHER_COOKIE}; {name}={cookie}"));
        let (answer, sight) = match self.see(page.clone()).await {
            Ok(seen) => seen,
            Err(why) => return found.push(Finding::failed("signed in", why.to_string())),
        };
        let entered = person::enters(&self.asked, &answer, &sight, email);
        let is_well = entered.status == Status::Ok;
        found.push(entered);
        if !is_well {
            return;
        }
        if self.asked.expected != Expected::Closed {
            found.push(person::is_told(self.identity, &sight));
            found.extend(person::is_cookie_kept(&sight, cookie));
            self.forge("forged inside", page.clone(), found).await;
        }
        self.try_odd_paths("odd inside", page.clone(), found).await;
        self.try_upgrade("upgrade inside", page, found).await;
    }

    /// Says of itself who it is, in every way.
    async fn forge(&self, check: &'static str, page: Question, found: &mut Vec<Finding>) {
        let is_stranger = check == "forged";
        let before = found.len();
        let (mut is_seen, mut is_refused) = (true, true);
        for spelling in Spelling::ALL {
            let forged = Forged::new(self.identity, spelling, self.random);
            // Who does not answer this at all lets nothing through.
            let Ok((answer, sight)) = self.see(forged.on(page.clone())).await else {
                continue;
            };
            let is_in = answer.status.is_success() || has_arrived(&sight);
            is_refused &= !is_in;
            is_seen &= !is_in || sight.is_whole();
            found.extend(forged.judge(check, &sight));
            if is_stranger && is_in && self.asked.expected != Expected::Open {
                found.push(Finding::failed(check, "a stranger who says who it is comes in: the proxy, or the backend, believes the client's own headers"));
            }
            if !is_stranger && spelling == Spelling::InConnection {
                found.extend(person::is_told_still(self.identity, &sight));
            }
        }
        if found.len() > before {
            return;
        }
        found.push(match (is_stranger, is_refused, is_seen) {
            (true, true, _) => Finding::ok(check, "a stranger who says who it is stays one"),
            (false, true, _) => Finding::ok(check, "refused with them, so nothing arrives"),
            (_, _, true) => Finding::ok(
                check,
                "nothing that a client says of itself reaches the backend, however it is spelled",
            ),
            (_, _, false) => person::hidden(check),
        });
    }

    /// Asks for paths that can be read in two ways.
    async fn try_odd_paths(&self, check: &'static str, page: Question, found: &mut Vec<Finding>) {
        if !self.has_rules {
            return found.push(odd::no_rules(check, self.asked.service));
        }
        let before = found.len();
        let targets = odd::targets(self.asked.url.path(), self.random);
        for target in &targets {
            // Many a proxy closes the connection on these, which is as good an answer as any.
            if let Ok((answer, sight)) = self.see(page.clone().at(target)).await {
                found.extend(odd::judge(
                    check,
                    target,
                    answer.status.is_success(),
                    &sight,
                ));
            }
        }
        if found.len() == before {
            found.push(odd::fine(check, targets.len()));
        }
    }

    /// Wants the connection to become another one.
    async fn try_upgrade(&self, check: &'static str, page: Question, found: &mut Vec<Finding>) {
        // Who does not answer this at all goes over to nothing.
        if let Ok((answer, sight)) = self.see(upgrade::on(page)).await {
            found.extend(upgrade::judge(check, &answer, &sight));
        }
    }

    fn page(&self) -> Question {
        Question::page(self.asked.url)
    }

    async fn see(&self, question: Question) -> Result<(Answer, Sight), NoAnswer> {
        let answer = self.client.ask(question).await?;
        let sight = Sight::of(&answer, self.stand_in);
        Ok((answer, sight))
    }
}

const fn has_arrived(sight: &Sight) -> bool {
    matches!(sight, Sight::Arrived(_) | Sight::Echoed(_))
}
