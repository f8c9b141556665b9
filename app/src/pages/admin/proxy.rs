//! What to write into the reverse proxy in front of a service.

use crate::{
    components::{icon::Icon, secret::CodeBlock},
    response,
    snippet::{self, Proxy, Site, TOKEN},
};
use latchkey_domain::access::service::Service;
use latchkey_engine::{Error, Result};
use leptos::prelude::*;

/// Ready-to-paste configuration. Disclosures and not tabs in the address: a token that is shown
/// once on the same page must not go away while somebody compares proxies.
///
/// # Errors
/// Internal only.
pub fn section(service: &Service) -> Result<AnyView> {
    let context = response::request_context();
    let url = context.engine().public_url();
    let site = Site {
        service: &service.name,
        hosts: &service.hosts,
        is_https: url.scheme() == "https",
        internal_config: &context.facts().internal_config,
    };
    let proxies = Proxy::ALL
        .into_iter()
        .map(|proxy| one(proxy, &site))
        .collect::<Result<Vec<_>>>()?;
    let name = service.name.to_string();
    let own_host = url.host_str().unwrap_or_default().to_owned();
    let address = context.facts().internal_config.address.clone();
    Ok(view! {
        <section class="section section-wide" aria-labelledby="proxy">
            <div class="section-head">
                <h2 id="proxy">"Proxy configuration"</h2>
                <p>"Ready to paste. Replace "<code>{TOKEN}</code>" with the token, and set the address at which "{name}" listens."</p>
            </div>
            <div class="section-body">
                {proxies}
                <p class="small quiet">
                    "Proxies reach Latchkey at "{address}" ("<code>"LATCHKEY_INTERNAL_ADDR"</code>"). Browsers send the device cookie to hosts other than "
                    {own_host}" only if "<code>"LATCHKEY_COOKIE_DOMAIN"</code>" is set to a parent domain of all of them."
                </p>
            </div>
        </section>
    }
    .into_any())
}

fn one(proxy: Proxy, site: &Site<'_>) -> Result<AnyView> {
    let blocks = snippet::files(proxy, site)
        .map_err(Error::internal)?
        .into_iter()
        .enumerate()
        .map(|(place, file)| {
            let id = format!("{}-{place}", proxy.word());
            view! { <CodeBlock id=id label=file.path text=file.text/> }
        })
        .collect_view();
    Ok(view! {
        <details class="disclosure" name="proxy" open=proxy == Proxy::Nginx>
            <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{proxy.name()}</summary>
            <div class="disclosure-body">{blocks}</div>
        </details>
    }
    .into_any())
}
