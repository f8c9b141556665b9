//! What to write into the reverse proxy in front of a service.

use crate::{
    answer,
    components::{icon::Icon, secret::CodeBlock},
    snippet::{self, Site, TOKEN},
};
use latchkey_domain::service::Service;
use leptos::prelude::*;

/// Ready-to-paste configuration. Disclosures and not tabs in the address: a token that is shown
/// once on the same page must not go away while somebody compares proxies.
#[component]
pub fn Proxy(
    /// The service.
    service: Service,
) -> impl IntoView {
    let visit = answer::visit();
    let url = visit.engine().public_url();
    let site = Site {
        service: &service.name,
        hosts: &service.hosts,
        public_url: url.as_str(),
    };
    let (nginx, caddy) = (snippet::nginx(&site), snippet::caddy(&site));
    let name = service.name.to_string();
    let own_host = url.host_str().unwrap_or_default().to_owned();
    view! {
        <section class="section section-wide" aria-labelledby="proxy">
            <div class="section-head">
                <h2 id="proxy">"Proxy configuration"</h2>
                <p>"Ready to paste. Put the token where "<code>{TOKEN}</code>" stands, and write where "{name.clone()}" listens."</p>
            </div>
            <div class="section-body">
                <details class="disclosure" name="proxy" open>
                    <summary><Icon name="chevron-right" class="icon-small icon-turn"/>"nginx"</summary>
                    <div class="disclosure-body"><CodeBlock id="nginx" label=format!("/etc/nginx/conf.d/{name}.conf") text=nginx/></div>
                </details>
                <details class="disclosure" name="proxy">
                    <summary><Icon name="chevron-right" class="icon-small icon-turn"/>"Caddy"</summary>
                    <div class="disclosure-body"><CodeBlock id="caddy" label="Caddyfile" text=caddy/></div>
                </details>
                <p class="small quiet">
                    "Latchkey answers proxies at 127.0.0.1:3001 unless "<code>"LATCHKEY_INTERNAL_ADDR"</code>" says otherwise. Browsers bring the device cookie to other hosts than "
                    {own_host}" only when "<code>"LATCHKEY_COOKIE_DOMAIN"</code>" names a domain above them all."
                </p>
            </div>
        </section>
    }
}
