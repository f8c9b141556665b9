# The texts of the pages in English, by key, in the syntax of Project Fluent (https://projectfluent.org).
# `Latchkey` is a name and is not translated.

## Layout

nav-home = Home
nav-devices = Devices
nav-security = Security
nav-notifications = Notifications
nav-activity = Activity
nav-overview = Overview
nav-users = Users
nav-roles = Roles
nav-all-devices = All devices
nav-services = Services
nav-clients = Clients
nav-mails = Mails
nav-risk = Risk
nav-audit = Audit log
nav-my-account = My account
nav-administration = Administration
nav-menu = Menu
close = Close
nav-main = Main
sign-out = Sign out
session-has-ended = Your session has ended.
session-typed-is-kept = What you typed is still here. Sign in, then come back to this page.
session-sign-in = Sign in in a new tab
session-is-back = You are signed in again.
session-continue = You can continue on this page.
skip-to-content = Skip to content
demo = Demo
theme = Theme
theme-light = Light theme
theme-light-short = Light
theme-system = System theme
theme-system-short = System
theme-dark = Dark theme
theme-dark-short = Dark
progress = Progress
step-done = Done:{" "}
step-scan = Scan
step-passkey = Passkey
step-account = Account
my-services = My services
pages = Pages

## Sign-in

signed-in = Signed in
login-done = You are signed in
continue = Continue
sign-in = Sign in
login-no-script = Passkeys need JavaScript. You can register this device with a code instead.
login-with-code = Register this device with a code
login-recover = Lost everything? Use a recovery code
login-register = Register this device
login-confirm-page = This page requires a passkey used within the last 10 minutes.
login-confirm-code = Your last sign-in was a while ago. Sign in again with a code from your authenticator app.
login-confirm-service = This service requires you to use your passkey again.
login-form-kept = {" "}The form you sent has not been applied yet. Your entries were kept.
login-confirm-no-script = Passkeys need JavaScript. Turn it on for this site to continue.
confirm = Confirm
login-confirm-title = Confirm it’s you
not-now = Not now
email = E-mail
code-from-app = Code from your authenticator app
device-name = Name for this device
optional = (optional)
code-hint = Six digits. The code changes every 30 seconds.
name = Name
sign-in-again = Sign in again
code-only = Code only
approved = Approved
approve-from-other = Approve it from another device
login-continue-done = Continue to { $target }.
login-continue = Sign in to continue to { $target }.
login-continue-page = the page
login-then-continue = { " " }You then continue to { $target }.
login-confirm = Confirm it’s you, { $name }
login-not-me = I’m not { $name }
use-passkey = Use a passkey
login-other-device = Use another device

## Passkeys

create-passkey = Create a passkey
passkey-add = Add a passkey
passkey-unreachable = Latchkey cannot be reached. Check your connection, then try again.
passkey-unreadable = The response could not be read. Reload the page and try again.
passkey-cancelled = The passkey request was cancelled or timed out. Try again.
passkey-already-registered = This device already has a passkey for your account.
passkey-busy = The passkey could not be used. Close any other passkey request, then try again.
passkey-wrong-origin = Passkeys do not work at this address. Open Latchkey at its own address, over HTTPS.
passkey-cannot-create = This device cannot create the required kind of passkey. Try another device or a security key.
passkey-cannot-use = This device cannot use the required kind of passkey. Try another device or a security key.
passkey-unsupported = This browser does not support passkeys here. Use a code from your authenticator app instead.
passkey-other = The passkey did not work ({ $name }). Try again, or use a code instead.
early-no-webassembly = Passkeys cannot be used: WebAssembly is disabled in this browser, for example by Lockdown Mode.
early-not-loaded = Passkey support could not be loaded. Reload the page to try again.
early-slow = Passkey support has not loaded within ten seconds. Wait, or reload the page.
early-use-code = Use a code from your authenticator app, below.
early-or-use-code = Or use a code from your authenticator app, below.
early-other-browser = Use another browser.

## Sign-in cookie

cookie-blocked-title = Your browser did not store the cookie
cookie-missing-title = The service cannot see that you are signed in
cookie-for-administrator = For the administrator:{" "}
cookie-blocked = You signed in, but your browser did not store the sign-in cookie. Allow cookies for this site or leave private browsing, then sign in again. The cookie is stored only if you open Latchkey at { $url }.
cookie-not-covered = You are signed in here, but your browser does not send the sign-in cookie to { $host }. Signing in again does not help.
cookie-refused = You are signed in here, but { $host } does not receive the sign-in cookie. Your browser does not store cookies for { $domain }. Allow them if you have blocked them.
cookie-replaced = You are signed in here, but { $host } does not receive the sign-in cookie. Another site under { $domain } has overwritten it.
cookie-not-handed-on = You are signed in here, but { $host } does not receive the sign-in cookie. Your browser has stored it, but it is lost on the way to { $host }.

## Enrolment and setup

enrol-title = Set up your authenticator app
enrol-lead = Scan the QR code with an authenticator app, then enter the code it shows to register this device.
enrol-qr-code = QR code for your authenticator app
enrol-open-app = Open in authenticator app
enrol-code = Code from the app
enrol-cannot-scan = Can’t scan it?
enrol-enter-key = Enter this key in the app (time-based, 6 digits).
enrol-passkey-admin = Administration requires a passkey. It uses your fingerprint, your face or the PIN of this device, and cannot be phished.
enrol-passkey-user = You then sign in with your fingerprint, your face or the PIN of this device. A passkey cannot be phished.
enrol-passkey-heading = Create a passkey for this device
enrol-no-script = Passkeys need JavaScript. You can create one later, under Security.
enrol-privacy = Your fingerprint or face never leaves this device. Latchkey stores only a public key.
setup-mistake = Made a mistake?{" "}
setup-change = Change e-mail or name
setup-title = Set up
setup-heading = Set up the first administrator
setup-lead = This link creates one administrator account and then stops working.
setup-email-hint = You use it to sign in. Latchkey does not send e-mail.
enrol-welcome = Welcome, { $name }
enrol-registered = This device is registered. You are signed in as { $email }.
enrol-copy-key = Copy the key

## Errors

error-not-found-detail = The link may be wrong or outdated.
error-method-not-allowed = Method not allowed
error-method-not-allowed-detail = This address does not accept this kind of request.
error-misdirected = Latchkey does not serve this host
error-cross-site = The request came from another site
error-cross-site-detail = Nothing was changed. Open the page here and try again.
error-other-address = Latchkey is at another address
error-unreadable = This request cannot be read
error-unreadable-detail = Nothing was changed. Go back, reload the page and try again.
error-unsupported-media-type = Unsupported media type
error-unsupported-media-type-detail = Send a form or JSON.
error-too-large = The request is too large
error-too-large-detail = Nothing was changed. Requests are limited to a few kilobytes.
error-timed-out = The request timed out
error-timed-out-detail = Please try again in a moment.
error-too-many-requests = Too many requests
error-too-many-requests-detail = Nothing was changed. Wait a moment, then try again.
error-busy = The server is busy
error-busy-detail = Nothing was changed. Please try again in a moment.
error-throttled = Too many attempts
error-throttled-detail = Wait, then try again.
error-invalid-credentials = Sign-in failed
error-invalid-credentials-detail = That e-mail address and code do not fit together. A code works once; wait for the next one and try again.
error-passkey-only = This account signs in with passkeys only
error-passkey-only-detail = That code is right, but this account signs in with passkeys only. Use a passkey, or ask an administrator for an enrolment link.
error-enrolment-held = This is too unusual to set anything up
error-enrolment-held-detail = Something about this request is so unusual that nothing can be set up from here now. Nothing was changed. Try again from where you usually are, or ask your administrator.
error-wrong-code = Wrong code
error-wrong-code-detail = That code does not fit. Wait for the next one and type it as shown.
error-link-not-valid-detail = This link is not valid any more.
error-ceremony-expired = This took too long
error-ceremony-expired-detail = That took too long. Nothing was changed; please start again.
error-passkey-not-accepted = The passkey was not accepted
error-passkey-not-accepted-detail = That passkey was not accepted.
error-authenticator-not-accepted-detail = Passkeys in this kind of authenticator are not accepted here. Delete it there, and ask an administrator which ones are.
error-unknown-passkey-detail = That passkey was not accepted: it was removed. Use another one, and delete it where it is stored.
error-approval-expired = This request has expired
error-approval-expired-detail = A request can be approved for ten minutes. Ask again on the new device, and open its new link.
error-approval-decided = This request was decided already
error-approval-decided-detail = Each request can be approved or denied once. Ask again on the new device, and open its new link.
error-wrong-number = That was not the number
error-wrong-number-detail = That was not the number. The request has ended and nobody was signed in. If you started it yourself, ask again on the new device; if you did not, somebody tried to sign in as you.
error-approval-pending = Not approved yet
error-approval-pending-detail = Nobody has approved this request yet. Open the link on your other device, pick the number, and approve it there first.
error-approval-by-self = This browser asks itself
error-approval-by-self-detail = This is the browser that asks. Open the link on another device, one on which you are registered.
error-sign-in-required = Sign in first
error-sign-in-required-detail = Sign in, then send this again. Nothing was changed yet.
error-step-up-required = Confirm that it is you
error-step-up-required-detail = Confirm that it is you, then send this again. Nothing was changed yet.
error-passkey-required = Add a passkey first
error-passkey-required-detail = Administration requires a passkey. Add one, then send this again. Nothing was changed yet.
error-not-approved = This device is not approved
error-not-approved-detail = This device was registered with a code alone, or its sign-in was too unusual. Approve it on another of your devices, under Devices, or ask an administrator for an enrolment link. Nothing was changed.
error-forbidden = Your role does not permit this
error-precondition = This was changed meanwhile
error-precondition-detail = Nothing was changed. Read it again, then decide again.
error-precondition-required = Which version is to be changed?
error-precondition-required-detail = Nothing was changed. Send If-Match with the ETag that was read, or * for any.
api-body = The body is not what is expected here: { $cause }.
api-parameter = The value of { $name } cannot be used.
idempotency-in-progress = A request with this Idempotency-Key is being answered, or was interrupted.
idempotency-unknown = The first request with this Idempotency-Key failed, and may have been carried out all the same. See whether it was, then use another key.
idempotency-shown = The request with this Idempotency-Key was carried out, and what it made is not shown again. If nobody has it, replace it, with another key.
idempotency-another = This Idempotency-Key was used for another request.
error-forbidden-detail = Nothing was changed. If you need access, ask an administrator.
error-no-access = You have no access here
error-no-access-detail = You are signed in, but your account has no access to this service. An administrator of Latchkey can grant it.
error-closed = This path is closed
error-closed-detail = A rule of the service denies this path to everybody.
activate-title = Approve a program
activate-heading = Approve a program
activate-lead = A program or terminal that you started shows a code. Enter it here to see what it asks for.
activate-code = Code
activate-code-hint = Eight letters. Capitals and hyphens do not matter.
activate-question = Let “{ $client }” use { $service } in your name?
activate-warning = Approve only what you have just started yourself, and only if it shows the same code. Whoever sent you this code could otherwise act in your name.
activate-key = Key
activate-native = It becomes a device of yours: it gets access for { $days } days without asking again, until you revoke it under Devices. Approve it only if it shows the same key.
activate-scopes = It may
activate-left-out = Not included
activate-left-out-hint = Your role does not have it, or the program may not.
activate-no-scopes = Nothing beyond signing in
activate-from = Asked from
activate-asked = Asked
activate-approved = The program was approved. Go back to it; it continues by itself.
activate-denied = The program was denied. It gets nothing.

## Approving a device from another one

ask-title = Sign in with another device
ask-lead = Use a phone or computer on which you are already registered. It approves this browser with its passkey.
ask-qr-code = QR code of the link that the other device opens
ask-no-camera = Open the link instead
ask-number = Your number
ask-step-open = Scan the code with the camera of your other device, or open the link on it.
ask-step-pick = Pick your number there.
ask-step-passkey = Approve with your passkey there. Then continue here.
ask-waiting = Waiting for your other device…
ask-expired = This request has expired. Reload the page for a new one.
ask-collect = I have approved it
ask-granted = Approved
ask-granted-lead = Continue only if this is you. If you do not know this account, somebody else approved your request.
ask-granted-as = Signs in as
ask-not-me = This is not me
ask-ended-title = Not approved
ask-ended = The request was denied, or another number was picked. Nobody was signed in. You can ask again with a new number.
ask-collected = The request was used already. If another tab continued with it, you are signed in there.
ask-again = Ask again
ask-other-way = Sign in another way
approve-title = Approve a device
approve-nothing = To sign in on a new device, open the sign-in page there, choose “Use another device”, and scan the code that it shows with this device.
approve-question = Sign in a new device?
approve-warning = Continue only if you started this yourself, on a device that is in front of you. Nobody from support ever asks you to do this: whoever sent you a link or a number wants to sign in as you.
approve-pick = Which number does the new device show?
approve-picked = The number is right. Approve with your passkey, and the new device is signed in as you.
approve-with-passkey = Approve with a passkey
approve-deny = Deny
approve-as = Signs in as
approve-browser = Device
approve-same-network = The network of this device
approve-known-network = The network of another device of yours
approve-other-network = A network that none of your devices uses
approve-unusual = Look closely:
approve-unusual-network = It asks from a network that none of your devices uses.
approve-unusual-kind = None of your devices is a { $kind }.
approve-unusual-browser = None of your devices is named like “{ $browser }”.
approve-denied = The request was denied. If you did not start it, somebody tried to sign in as you; nothing else is needed.
approve-done = The device was approved. Continue on it to sign in.
approve-cannot = This device cannot approve another one
approve-by-self = This is the browser that asks. Open the link on another device, one on which you are registered.
approve-limited = This device was registered with a code and is not approved itself. Use your passkey on it first.
approve-no-passkey = You have no passkey. Create one under Security; until then, register the new device with a code.
kind-phone = phone
kind-tablet = tablet
kind-computer = computer
kind-other = device of this kind
deny = Deny
unknown-address = An unknown address
error-invalid-token = The access token is not valid
error-invalid-token-detail = It has expired, was revoked or used before, or is for another service. Get a new one.
error-nonce-required = The proof of possession needs a nonce
error-nonce-required-detail = Send the request again with a new proof that has the nonce of the header DPoP-Nonce.
error-bad-question = The forwarded request cannot be read
error-bad-question-detail = The proxy must send method, host and path, each exactly once.
error-not-for-caller = This caller is not allowed to ask
error-not-for-caller-detail = Name the proxy in proxy.forward_auth, or send the service's token.
error-bad-input = This value cannot be used
error-conflict = This is already taken
error-internal = Something went wrong here
error-internal-detail = The error has been logged. Please try again in a moment.
error-not-json = That is not JSON of the form {"{"}"email": …, "code": …, "device_name": …{"}"}.
error-no-access-host = You are signed in, but your account has no access to { $host }. An administrator of Latchkey can grant it.
error-other-address-detail = Nothing was changed. Open { $url } and try again there.
error-dotted-host = The host name ends with a dot. Nothing was changed; open { $url } and send this again.
error-other-host = Open { $url }
    If this is that address, the proxy in front of Latchkey must forward the Host header unchanged.
error-throttled-wait = Too many attempts. Wait { $span }, then try again.
error-status = Status { $status }
nothing-changed = Nothing was changed.
page-forbidden = If you need access, ask an administrator.
page-not-approved = This device was registered with a code alone, or its sign-in was too unusual. Approve it on another of your devices, under Devices, or ask an administrator for an enrolment link.
internal-cause = something went wrong here: { $cause }
no-user = there is no such user
no-device = there is no such device
no-passkey = there is no such passkey
no-service = there is no such service
no-grant = there is no such grant
no-client = there is no such client
no-role = there is no such role
user-gone = This user no longer exists. Nothing was changed.
device-gone = This device no longer exists. Nothing was changed.
passkey-gone = This passkey no longer exists. Nothing was changed.
service-gone = This service no longer exists. Nothing was changed.
grant-gone = This grant no longer exists. Nothing was changed.
authorization-gone = This code is wrong, or has expired or been used. Start again where it is shown.
notification-gone = This notification no longer exists.
mail-gone = This mail was sent or deleted meanwhile.
network-rule-gone = Nothing is said of this network, or no longer. Nothing was changed.
event-gone = There is no such entry, or it has no score.
token-family-gone = This program no longer has access. Nothing was changed.
no-token-family = there is no such program sign-in
no-network-rule = nothing is said of this network
no-assessed-event = there is no such entry, or it has no score
client-gone = This client no longer exists. Nothing was changed.
role-gone = This role no longer exists. Nothing was changed.
not-found = Page not found
not-found-lead = The address may be wrong, or the link has already been used. Enrolment links work only once.
link-invalid-title = Link not valid
link-invalid = This link is no longer valid
link-invalid-lead = Links work only once and expire. Ask an administrator for a new one.
try-again = Try again

## Results of forms

device-renamed = The device was renamed to { $name }.
device-approved = The device was approved. It now has the same access as your other devices.
device-revoked-here = This device was revoked. To use it again, register it again.
device-revoked-before = The device had already been revoked. Nothing was changed.
device-revoked = The device was revoked. It is signed out everywhere.
device-revoked-passkeys = The device was revoked. It is signed out everywhere, and these passkeys were removed: { $names }.
device-revoked-left = These were used on it and still sign in, because they belong to another device: { $names }. Remove them too if the device was lost.
grant-added = { $user } now has access to { $service }. It applies from the next request.
grants-changed = { $count ->
    [0] No scope was changed.
    [one] The scopes of { $count } user for { $service } were changed. They apply from the next request.
   *[other] The scopes of { $count } users for { $service } were changed. They apply from the next request.
}
grant-removed = { $email } no longer has access to { $service }. The next request is refused.
passkey-added = The passkey { $name } was added. You can now sign in with it.
passkey-renamed = The passkey was renamed to { $name }.
passkey-removed = The passkey was removed. You can no longer sign in with it; delete it on your device, too.
passkey-removed-any = The passkey was removed. It can no longer be used to sign in.
service-added = { $name } was added. Put this token into its proxy with the configuration below, then grant access to users.
service-token = Service token
service-tokens = Service tokens
service-changed = Hosts and policy were saved. They apply from the next request.
token-rotated = The token was rotated. The old one is refused from now on.
token-rotated-overlap = The token was rotated. The old one works for another { $span }; put the new one into the proxy before then.
new-service-token = New service token
service-deleted = { $name } was deleted, with its tokens and grants.
risk-policy-changed = What is asked of unusual devices was saved. It applies from the next request.
access-tokens-changed = Scopes and policy of access tokens were saved. They apply from the next request.
client-added = { $name } was added. Store this secret where the program reads it; it gets tokens with its client_id and the secret, as shown below.
client-added-public = { $name } was added. It has no secret, and identifies itself with its client_id alone.
client-added-keys = { $name } was added. It has no secret, and authenticates with its keys.
client-secret = Client secret
client-secret-rotated = The secret was rotated. The old one and the tokens that the client got with it are refused from now on.
client-secret-rotated-overlap = The secret was rotated. The old one works for another { $span }; give the new one to the program before then.
new-client-secret = New client secret
client-deleted = { $name } was deleted. Its tokens are refused from now on.
signed-out-here = You are signed out. This device has no access until you sign in again.
totp-removed = The authenticator app was removed. You sign in with passkeys only; delete the entry in the app, too.
user-added = { $name } was added. Send the link below to the user over a channel you trust. It works once, and expires after 24 hours: { $expires_at }.
user-invited = A new link was created; older ones are no longer valid. Send the link below to the user over a channel you trust. It works once, and expires after 24 hours: { $expires_at }.
enrolment-link = Enrolment link
user-invited-vouched = A new link was created; older ones are no longer valid. Whoever opens it can use the account at once, so give it to the user yourself, or over a channel you trust. It works once, and expires after 24 hours: { $expires_at }.
user-disabled = The account is disabled. The user has no access; enabling the account restores it.
user-enabled = The account is enabled. Its devices and grants are valid again.
user-deleted-self = Your account was deleted. This device no longer has access.
user-deleted = { $email } was deleted. The audit log is kept.
user-is-administrator = The user is now an administrator. The user was signed out everywhere and can administer after signing in again, with a passkey.
user-is-member = The user is now a member. The user was signed out everywhere.
user-has-role = The user now has the role { $role }. The user was signed out everywhere.
role-added = The role { $name } was defined. Give it to users on their pages.
role-changed = The role { $name } was changed.
role-deleted = The role { $name } was deleted.
user-passkeys-only = The user now signs in with passkeys only. Codes can no longer register devices.
user-codes-again = Codes from the user’s authenticator app can register devices again.
code-lockout-lifted = Codes are accepted on new devices again.

## Values that cannot be used

invalid-email-empty = Enter an e-mail address.
invalid-email-long = An e-mail address has at most { $most } characters.
invalid-email = Write the e-mail address like ada@example.com, in plain letters.
invalid-name-empty = Enter a name.
invalid-name-long = A name has at most { $most } characters.
invalid-name = A name is one line of plain text.
invalid-service-name = A service name has 1 to 63 lower-case letters, digits and hyphens, like photo-gallery.
invalid-host = `{ $text }`: A host is a plain name like photos.example.com, with a port if it is not the usual one.
invalid-hosts = A service has at most { $most } hosts.
invalid-scope = A scope has 1 to { $most } printable characters, without spaces, quotation marks and backslashes.
invalid-scopes = There can be at most { $most } scopes.
invalid-redirect-uri = “{ $uri }” is not a redirect URI. Write a complete https:// address without “#”, an http:// address of the same machine such as http://127.0.0.1/callback, or a scheme of its own such as com.example.app:/callback.
invalid-audience = There is no service “{ $name }”.
invalid-client-grants = Choose at least one grant type.
invalid-client-public = A public client has no secret, so it cannot use client_credentials.
invalid-client-refresh = refresh_token needs a grant type of a user beside it: device code or jwt-bearer.
invalid-client-keys = A public client has neither a secret nor keys.
invalid-client-lifetime = Access tokens live for at least one second and at most { $most } minutes.
invalid-key-set = This is not a JWK set with a public key for EdDSA, ES256 or RS256.
invalid-client-audience = Name at least one service that the client gets tokens for.
invalid-role-name = Use 1 to 15 lower-case letters, digits and inner hyphens, and no name of a built-in role.
invalid-role = There is no role called { $name }.
invalid-permission = There is no permission called “{ $name }”.
invalid-network = “{ $text }” is neither an address nor a network. Write it like 192.0.2.7 or 198.51.100.0/24.
invalid-other-email = That is not the address of your account.
invalid-six-digits = Type six digits.
invalid-not-typed = Nothing was measured. Type both by hand, key by key and without corrections; it needs JavaScript.
invalid-network-wide = That network is too wide. The widest are /8 of IPv4 and /16 of IPv6.
invalid-expiry = That time has passed.
invalid-overlap = The old token can stay for 0 to { $hours } hours ({ $days } days).
user-disabled-everywhere = { $email } is disabled, so every service denies them; name another user.
invalid-rules = Line { $line }: { $problem }
invalid-rules-long = All rules together have at most { $most } letters.
invalid-rules-many = A service has at most { $most } rules.
invalid-rule = Write a rule like `public GET /assets/*`.
invalid-rule-audience = `{ $word }` is not an audience; begin with public, users, admins or nobody.
invalid-rule-method = `{ $word }` is not one of { $methods }.
invalid-rule-wildcard = A `*` stands for whole segments, as in `/assets/*`.
invalid-rule-pattern = A path has one `*`, at its end, and no query.
invalid-rule-path = `{ $pattern }` is not a path like `/assets/*`: { $cause }.
invalid-path = the request target is malformed
invalid-path-ambiguous = the path can be read in two ways
choose-role = Choose a role.
choose-factors = Choose how the user signs in.
choose-service = Choose a service.
choose-requirement = Choose the assurance that is required.
choose-overlap = Choose how long the old one keeps working.
choose-risk-level = Choose one of these levels.
choose-token-use = Choose how often a token is accepted.
choose-client-kind = Choose whether the client can keep a secret.
choose-grant-types = Choose from these grant types.
choose-algorithm = Choose one of these algorithms.
invalid-days = Enter a number of days from 1 to { $most }, or leave it empty for no expiry.
invalid-minutes = Enter a number of minutes from 1 to { $most } (a year).
unknown-email = No user has this e-mail address. Add the user first, under Users.

## Conflicts

conflict-email = { $email } has an account already.
conflict-disabled = This account is disabled. Enable it first.
conflict-last-administrator = { $email } is the only administrator. Make somebody else one first.
conflict-no-mail = This installation sends no mail. Set mail.url, or show the link.
conflict-signed-in-since = Somebody signed in on that device after this recovery began. A device in recovery cannot end it. If it was not you, ask an administrator.
conflict-devices = This account has { $most } devices. Revoke some that are not used any more, then try again.
conflict-passkeys = An account has at most { $most } passkeys. Remove one first.
conflict-last-passkey = This is your last passkey, and without one you could not change your account. Add another one first.
conflict-last-passkey-device = Your last passkey would end with that device. Add one on this device first, under Security, then revoke the other device.
conflict-few-passkeys = Add a second passkey first: with only one, losing its device would lock you out.
conflict-service-name = There is a service called { $name } already.
conflict-client-name = There is a client called { $name } already.
conflict-role-name = There is a role called { $name } already.
conflict-role-in-use = { $users ->
    [one] One user has this role. Give the user another one first.
   *[other] { $users } users have this role. Give them another one first.
}
conflict-built-in-role = This role is built in and stays as it is.
conflict-nothing-to-grant = Your role has nothing of what the program asks for, so you cannot approve it.
conflict-no-access = You do not have access to { $service }, so no program can use it in your name.
conflict-command-line-client = The client of the command line cannot be deleted. Which services accept it is a setting of each service.
conflict-public-client = A public client has no secret.
conflict-host = { $host } belongs to another service.
conflict-behaviour = How you type is not compared, so there is nothing to practise.
conflict-network-rules = There are { $most } rules about networks already. Remove some first.
conflict-next-key = The next key was made less than ten minutes ago: not everybody who checks signatures knows it yet. Try again later, or rotate at once if the current key is in the wrong hands.

## Lists

nothing-matches = Nothing matches
nothing-matches-lead = Try part of the name, or clear the filter.
show-all = Show all
search = Search
find = Find
previous = Previous
next = Next
actions = Actions
all = All
nothing-matches-search = Nothing matches “{ $search }”
pager-position = { $first }–{ $last } of { $total }
pager-beyond = No results on this page; { $total } in total

## Users

invited = Invited
disabled = Disabled
users-filter = Status or role
users-all = All users
administrators = Administrators
auditors = Auditors
helpers = Helpers
members = Members
role = Role
status = Status
strongest-factor = Strongest factor
last-seen = Last seen
member = Member
member-hint = Can use the services granted to them.
auditor = Auditor
auditor-hint = Reads everything in Latchkey and changes nothing.
helper = Helper
helper-hint = Invites members, and revokes devices and sessions of members.
administrator = Administrator
administrator-hint = Can use every service that admits administrators, and manages Latchkey.
never = Never
users-add = Add a user
users-add-lead = Creates an enrolment link to give to the user. It works once and expires after 24 hours.
users-add-name-hint = If left empty, it is taken from the e-mail address.
users-add-submit = Add user and create link
users-none = No other users yet
users-none-lead = Add the users who need access. Each gets an enrolment link that works once. Or use the command line:
user = User
users-count = { $count ->
    [one] { $count } user.
   *[other] { $count } users.
}
users-found = { $count ->
    [one] { $count } user found.
   *[other] { $count } users found.
}
user-factors-all = Passkeys and codes
user-factors-all-hint = If the user has a passkey, a device registered with a code is limited until it is approved.
user-factors-passkeys = Passkeys only
user-factors-passkeys-hint = Codes cannot register devices. The first device is registered with an enrolment link.

## Recovery

recover = Use a recovery code
recover-title = Recover access
recover-lead = For when you have neither a passkey nor your authenticator app. Enter one of the recovery codes that you kept.
recovery-code = Recovery code
recovery-code-hint = 23 letters and digits. Hyphens, spaces and capitals do not matter.
recover-signed-in = You do not need this here. This device is registered, and a recovery code would limit it until you add a passkey.
recover-sign-in = Back to sign-in
recover-welcome = Recover access, { $first_name }
recover-link-lead = With this link you recover access to { $email } on this device.
recover-link-use = Recover access on this device
recover-tells = Your other devices are told at once, and each of them can cancel this.
recover-waits = After { $wait } you can add a passkey on this device. Then everything works again.
recover-limits = Until then the device opens no services. You can revoke devices that you lost.
in-recovery = In recovery
device-in-recovery = In recovery. It opens no services, and can only end devices and sessions until a passkey is added on it.
recovery-waiting = This device is in recovery.
recovery-waiting-lead = You can add a passkey on it { $time }, and then everything works again. Until then it opens no services; you can revoke devices that you lost. Come back to this page; do not sign out.
recovery-ready = Add a passkey on this device now.
recovery-ready-lead = The wait is over. With a passkey, the device is like any other.
recovery-unconfirmed = The wait is over.
recovery-unconfirmed-lead = Confirm by mail that it is you, and you can add a passkey on this device.
recovery-lapsed = This recovery has lapsed.
recovery-lapsed-lead = No passkey was added within a week. Begin again with another recovery code, or ask an administrator for a new enrolment link.
recovery-use-passkey = I found my passkey
recovery-mail-title = Confirm by mail
recovery-mail-lead = Before you add a passkey, show that you read your mail. You can do it now, and need not wait for it.
recovery-mail-send-lead = You get a code at { $email }. It counts for ten minutes, in this browser only.
recovery-mail-send = Send me a code
recovery-mail-send-again = Send another code
recovery-mail-sent = A mail is on its way. An earlier code is void.
recovery-mail-enter-lead = Enter the code that was sent to { $email }, or open the link of the mail in this browser.
recovery-mail-ends = It ends { $time }.
recovery-mail-code = Code from the mail
recovery-mail-code-hint = Eight digits. Five tries for each mail.
recovery-mail-confirm = Confirm
recovery-confirmed = You confirmed by mail. The rest is the wait, and a passkey.
recovery-mail-link-lead = With this code you confirm that you recover access to { $email } on this device. It is not used before you press the button.
recovery-mail-back = Back to my devices
recovery-mail-elsewhere = Open this link in the other browser
recovery-mail-elsewhere-lead = It confirms a recovery of access, and works only in the browser in which the mail was asked for. Nothing was changed.
recovery-mail-elsewhere-code = If your mail opens another browser, enter the code from the mail there, under Devices.
recovery-mail-elsewhere-not-you = If you did not ask for it, somebody has one of your recovery codes. Sign in, and cancel the recovery.
recovery-mail-check = My devices
recovery-elsewhere = Somebody is recovering access to your account
recovery-elsewhere-lead = If that is not you, cancel it. Then make new recovery codes, because somebody else may have yours.
recovery-cancel = Cancel the recovery
recovery-cancelled = The recovery was cancelled. Its device is revoked. If that was not you, make new recovery codes, because somebody else may have yours.
recovery-cancelled-before = There is no recovery to cancel any more.
recovery-codes = Recovery codes
recovery-codes-lead = For when you lose everything else. A code works once, and only slowly: your devices are told, and can cancel.
recovery-codes-none = None. Without them, only an administrator can help you if you lose everything with which you sign in.
recovery-codes-none-passkey = None. If you lose your passkeys, only an administrator can help you. Codes on paper are a way back of your own.
recovery-codes-make = Make recovery codes
recovery-codes-made = New recovery codes were made. Older ones are void. Print this page, or download the file, and keep it where your devices are not.
recovery-codes-made-on = Made
recovery-codes-left = Left
recovery-codes-of = { $left } of { $all }
recovery-codes-few = { $left ->
    [0] No code is left. Make new ones.
    [one] Only 1 code is left. Make new ones.
   *[other] Only { $left } codes are left. Make new ones.
}
recovery-codes-replace = Make new codes
recovery-codes-replace-title = Make new recovery codes?
recovery-codes-replace-lead = The codes that you have are void then.
recovery-codes-file = Recovery codes for { $site } (Latchkey). Each works once, on the page /recover.
recovery-codes-keep = Each code works once. Whoever has one can begin to recover your account, so keep them where nobody else looks.
recovery-codes-download = Download as text
error-recovery = This device is in recovery
error-recovery-detail = Until a passkey is added on it, a device in recovery can only end devices and sessions. What it waits for is under Devices. Nothing was changed.
error-recovery-code = That recovery code is not valid
error-recovery-code-detail = That recovery code is not valid. Check what you typed. Each code works once, and new codes make older ones void.
error-confirmation-code = That code is not valid
error-confirmation-code-detail = That code is not valid. It counts once, for ten minutes and five tries, and a newer mail makes it void. Send another code if in doubt.

## Devices

revoked = Revoked
signed-out = Signed out
not-approved = Not approved
held = Held
challenged = Must sign in again
owes-authentication = Asked for a passkey or a code { $time }
owes-passkey = Asked for a passkey { $time }
owes-approval = Held for approval since a sign-in { $time }
owes-because = : { $reasons }.
owes-lift-authentication = It opens no services until you sign in on it with a passkey or a code. Revoke it if that was not you.
owes-lift-authentication-any = It opens no services until its user signs in on it with a passkey or a code.
owes-lift-passkey = It opens no services until you sign in on it with a passkey. Revoke it if that was not you.
owes-lift-passkey-any = It opens no services until its user signs in on it with a passkey.
owes-lift-approval = It opens no services until you approve it on another of your devices, or an administrator does. Revoke it if that was not you.
owes-lift-approval-any = It opens no services until its user approves it on another device, or an administrator does.
passkey = Passkey
this-device = This device
device = Device
assurance = Assurance
last-used = Last used
registered = Registered
devices-none = No devices yet
devices-none-lead = Users register their own devices with an enrolment link, a passkey or a code.
in-use-now = In use now
devices-active = { $count ->
    [one] { $count } active device.
   *[other] { $count } active devices.
}
devices-waiting = { $count ->
    [one] { $count } device waits for approval.
   *[other] { $count } devices wait for approval.
}
devices-signed-out = { $count ->
    [one] { $count } signed-out device.
   *[other] { $count } signed-out devices.
}
devices-revoked = { $count ->
    [one] { $count } revoked device.
   *[other] { $count } revoked devices.
}
devices-all = { $count ->
    [one] { $count } device, including signed-out and revoked ones.
   *[other] { $count } devices, including signed-out and revoked ones.
}
device-revoked-at = Revoked { $time }

## Services

requires = Requires
grants = Grants
tokens = Tokens
added = Added
no-host = No host
tokens-one = 1 active
tokens-rotating = Rotating
services-add = Add a service
services-add-lead = Creates a token for its reverse proxy, which is shown once.
services-name-hint = Lowercase letters, digits and hyphens, such as photos. Part of its /verify address; cannot be changed later.
hosts = Hosts
services-hosts-hint = For example photos.example.com. Separate several with spaces.
services-add-submit = Add service and create token
services-none = Add the first service
services-none-lead = Give it a name and a host, paste the generated configuration into its reverse proxy, and grant access to users. Or use the command line:
services-count = { $count ->
    [one] { $count } service.
   *[other] { $count } services.
}
services-found = { $count ->
    [one] { $count } service found.
   *[other] { $count } services found.
}
overlap-day = 24 hours
overlap-day-hint = Enough time to update the proxy.
overlap-hour = 1 hour
overlap-week = 7 days
overlap-week-hint = For proxies managed by someone else.
overlap-none = None: it was leaked
overlap-none-hint = All requests are refused until the proxy has the new token.
requires-device = A registered device
requires-device-hint = Any registered device has access.
requires-passkey = A recent passkey
requires-passkey-hint = The passkey must have been used on the device within the time below.
token = Token
created = Created
expires = Expires
service = Service
scopes = Scopes
since = Since

## Activity and audit log

audit-sign-ins = Sign-ins
passkeys = Passkeys
audit-authenticator-apps = Authenticator apps
audit-keys = Keys
audit-setup = Setup
audit-recovery = Recovery
audit-backups = Backups
audit-risk = Risk
audit-all = All events
audit-entry = Entry
audit-time = Time
audit-event = Event
audit-actor = Actor
ip-address = IP address
audit-verify = Verify chain
audit-checking = Verifying the chain
audit-checking-lead = You can leave this page. The check goes on, and the result is shown when you come back to it.
audit-check-progress = { $checked } of { $entries } entries
audit-check-leave = Show the log
audit-check-failed = The check could not be completed. The log of the server says why.
audit-live = Follow live
audit-live-stop = Stop following
audit-live-no-script = Load this page again to see new entries.
audit-live-waiting = Following. New entries appear at the top.
audit-live-count = Following. New entries so far: { $count }
audit-live-ended = The live view has ended. Load this page again to go on.
audit-none = No entries yet
audit-none-lead = Changes and refused sign-ins are listed here.
audit-entries = Audit entries
refused = Refused
not-signed-in = Not signed in
operator = Operator
audit-lead = Every change and every refused sign-in. Hash-chained. Export with: { $command }
audit-intact = { $count ->
    [one] The chain is intact. It has { $count } entry.
   *[other] The chain is intact. All { $count } entries match their hashes.
}
audit-pruned = { $count ->
    [one] Pruned until { $until }: { $count } entry by tombstone, which is not among them.
   *[other] Pruned until { $until }: { $count } entries by tombstone, which are not among them.
}
audit-truncation = Entries missing at the end are detected only with a checkpoint stored elsewhere: latchkey audit verify --against FILE
audit-broken = The chain is broken at entry { $entry }. Its hash does not match the entry before it: the database was changed from outside Latchkey. Make a backup before anything else: latchkey backup FILE
unsealed-waiting = { $count ->
    [one] { $count } event is not in the chain of the audit log yet.
   *[other] { $count } events are not in the chain of the audit log yet.
}
unsealed-rejected = { $count ->
    [one] { $count } event beside the audit log has no valid tag. It was not written by Latchkey, or its master key was removed.
   *[other] { $count } events beside the audit log have no valid tags. They were not written by Latchkey, or their master key was removed.
}
filter-more = More filters
filter-user = User
filter-user-hint = E-mail address or id; who did it, or whom it concerns.
filter-device-hint = Its id, as in the address of its entries. What was done on it, and to it.
filter-service-hint = Its name.
filter-outcome = Outcome
outcome-all = Any
outcome-done = Done
filter-network = Network
filter-network-hint = An address, or a network like 192.0.2.0/24.
filter-since = From (UTC)
filter-time-hint = Like 2026-11-21 or 2026-11-21 10:30.
filter-until = To (UTC)
filter-until-hint = That day or minute included.
filter-rejected = The filter was not applied. Correct the marked fields.
filter-fault-user = Enter the e-mail address or the id of a user.
filter-fault-device = Enter the id of a device. The pages of users and devices link to it.
filter-fault-service = Enter the name of a service, like photos.
filter-fault-outcome = Choose done or refused.
filter-fault-network = Enter an address like 192.0.2.7, or a network like 192.0.2.0/24 or 2001:db8::/48.
filter-fault-wide-network = Enter a smaller network: from /8 on for IPv4; for IPv6 a /32, /48 or /64, or one whose addresses begin alike.
filter-fault-time = Enter a day like 2026-11-21, or a time like 2026-11-21 10:30. It is in UTC, unless it ends like +02:00.
filter-fault-ends-before = The end is before the beginning.
activity-account = My account
export-csv = Export CSV
export-jsonl = Export JSON lines
in-audit-log = In the audit log
activity-none = No activity yet
activity-none-lead = Sign-ins, new devices and changes to your account are listed here.
activity-lead = Everything that happened on your account, in UTC. See something you did not do? { $link } it came from.
activity-revoke = Revoke the device

## Remedies for sign-in cookies that do not come back, for administrators

cookie-remedy-blocked = browsers store Secure cookies only over https, and only for the host in public_url
cookie-remedy-no-domain = cookie.domain is not set, so browsers never send the device cookie to { $host }; set it to a parent domain of Latchkey and its services (`latchkey doctor` names it)
cookie-remedy-other-domain = cookie.domain is { $domain }, but { $host } is not under it; set it to a parent domain of Latchkey and its services (`latchkey doctor` names it)
cookie-remedy-refused = the browser does not store cookies for { $domain }; check that the domain is yours and not a public suffix (publicsuffix.org)
cookie-remedy-replaced = another Latchkey or another site under { $domain } sets a cookie of the same name; give each installation its own cookie.domain
cookie-remedy-not-handed-on = the browser stores the cookie but { $host } does not receive it; its proxy must forward the whole Cookie header (`latchkey proxy doctor` checks this)

## Home

home-hello = Hello, { $name }
home-services = { $count ->
    [0] You do not have access to any service yet.
    [one] You have access to { $count } service.
   *[other] You have access to { $count } services.
}
home-limited = This device is not approved yet.
home-limited-lead = It can use services that accept any registered device, but cannot change your account. Approve it on another of your devices, under Devices, or ask an administrator for an enrolment link.
home-no-passkey = Create a passkey for this device.
home-no-passkey-lead = You then sign in with your fingerprint, face or PIN and no longer need codes.
home-code-only = This device was registered with a code.
home-code-only-lead = Until you use your passkey on it, it cannot change your account or use services that require a passkey.
home-approved = This device was approved from another one.
home-approved-lead = To change your account or use services that require a passkey, use your passkey on it. You can then add a passkey of its own under Security.
no-services = No services yet
home-add-service = Add the first service. Its reverse proxy then asks Latchkey who has access.
home-no-access = Services appear here as soon as an administrator grants you access.
no-address = No address
signed-in-at = Signed in { $time }
registered-until = Registered until { $day }
all-my-devices = All my devices

## My devices

devices-lead = All devices registered to your account. If you lose one, revoke it here, even if you had signed out on it. It stops working within a second.
devices-add = Add a device
devices-other = Other devices
devices-others = { $count ->
    [one] { $count } device, most recently used first.
   *[other] { $count } devices, most recently used first.
}
devices-no-other = No other devices
devices-no-other-lead = Register a second device so that you are not locked out if you lose this one. Choose “Add a device” to see how.
device-revoke-other = It is signed out of all services within a second.
device-revoke-here-code = This is the device you are using. You will be signed out immediately, and need another device or a code to sign in again.
device-revoke-here-passkey = This is the device you are using. You will be signed out immediately, and can sign in again with one of your other passkeys.
device-revoke-here-last = This is the device you are using, and revoking it removes your last passkey. You will be signed out everywhere immediately, and may need a new enrolment link from an administrator to sign in again.
device-also-remove = { $count ->
    [one] Also remove { $count } passkey used on it but stored elsewhere: { $names }. Recommended if the device was lost.
   *[other] Also remove { $count } passkeys used on it but stored elsewhere: { $names }. Recommended if the device was lost.
}
approve = Approve
approve-name = Approve { $name }
device-limited-here = Registered with a code. It can use services that accept any registered device, but cannot change your account until you use a passkey on it or approve it on another device.
device-limited-other = Registered with a code. It can use services that accept any registered device, but cannot change your account until you approve it. Revoke it if it is not yours.
native-service = { $count ->
    [0] May use { $service }
   *[other] May use { $service }: { $scopes }
}
last-used-at = Last used { $time }
registered-on = Registered { $day }
revoke = Revoke
revoke-name = Revoke { $name }
revoke-title = Revoke { $name }?
revoke-device = Revoke device
ends = These stop working:
ends-access = its access to all services
ends-sessions = its sessions
ends-passkeys = the passkeys that belong to it
devices-how = Open this site on the new device, then do one of the following:
devices-how-passkey = Choose “Use a passkey” if your passkeys are synced to it or you have your phone at hand.
devices-how-approval = Without your passkey there: choose “Use another device”, scan the QR code with a device on which you are registered, and approve it.
devices-how-code = Choose “Register this device with a code” and enter the code from your authenticator app.
programs = Programs
programs-lead = Programs and terminals that you approved. Each acts in your name at one service until you revoke it, or sign out on the device on which you approved it.
user-programs-lead = What the user approved. Each program acts in their name at one service.
program-at = { $client } at { $service }
program-on-device = On { $device }, approved { $day }
program-approved = Approved on { $device }, { $day }
revoke-program-name = Revoke { $client } at { $service }
revoke-program-title = Revoke { $client } at { $service }?
program-revoke = Revoke access
program-revoke-lead = Its tokens stop working within a second. To get access again, it has to ask for approval.
program-revoked = The program no longer has access. Its tokens stopped working.

## Notifications

notifications-lead = { $unread ->
    [0] What you should know about your account. Everything is read.
    [one] What you should know about your account. 1 is unread.
   *[other] What you should know about your account. { $unread } are unread.
}
notifications-none = No notifications
notifications-none-lead = When a device, a passkey or a program is added to your account, you will read it here.
notifications-new = New on your account
notifications-show = Show all
notifications-read-all = Mark all as read
notification-read = Mark as read
notification-read-sentence = Mark as read: { $sentence }
unread = New
unread-count = { $unread ->
    [one] , 1 unread
   *[other] , { $unread } unread
}
notify-device-added = The device “{ $subject }” was added to your account.
notify-unusual-sign-in = A sign-in on “{ $subject }” was unusual for you.
notify-unusual-use = “{ $subject }” was used in a way that is unusual for you, and has to sign in again.
notify-approval-granted = “{ $subject }” asked for approval, and was approved on one of your devices.
notify-other-browser = The cookie of “{ $subject }” came from another browser than those in which you signed in there. The device has to sign in again, and its programs were signed out.
notify-other-browser-elsewhere = The cookie of “{ $subject }” came from another browser than those in which you signed in there, and from a place or network where you usually are not. The device has to sign in again, and its programs were signed out.
notify-elsewhere = “{ $subject }” was used from a place or network where you usually are not. The device has to sign in again, and its programs were signed out.
notify-approval-denied = “{ $subject }” asked to become a device of yours, and was not approved.
notify-passkey-added = The passkey “{ $subject }” was added to your account.
notify-passkey-copied = A sign-in with the passkey “{ $subject }” was refused: its counter went back, so somebody may have a copy of it.
notify-passkey-removed = The passkey “{ $subject }” was removed from your account.
notify-totp-replaced = Another authenticator app was set up for your account. The codes of the old one are no longer accepted.
notify-totp-removed = The authenticator app was removed from your account.
notify-codes-locked = Too many wrong codes were entered for your account.
notify-enrolment-link-made = A link was made with which a new device can be added to your account.
notify-recovery-codes-made = Recovery codes were made for your account.
notify-recovery-started = Somebody began to recover access to your account on “{ $subject }”.
notify-recovery-cancelled = The recovery of access to your account on “{ $subject }” was cancelled.
notify-device-revoked = A device that recovers access to your account revoked “{ $subject }”.
notify-recovery-by-operator = The operator made a link with which you recover access to your account.
notify-role-changed = Your role is now “{ $subject }”.
notify-program-approved = The program “{ $subject }” can act in your name.
notify-refresh-token-reused = A refresh token of “{ $subject }” was used twice, so the program was signed out.
notify-device-ends = “{ $subject }” has opened no page of Latchkey for long, and is forgotten within { $days } days.
notify-program-ends = The program “{ $subject }” can act in your name for less than { $days } days more.
notify-access-ends = Your access to “{ $subject }” ends within { $days } days.
notify-title-device-added = Device added
notify-title-unusual-sign-in = Unusual sign-in
notify-title-unusual-use = Unusual use of a device
notify-title-approval-granted = Device approved
notify-title-other-browser = Another browser
notify-title-other-browser-elsewhere = Another browser, elsewhere
notify-title-elsewhere = Device used elsewhere
notify-title-approval-denied = Device not approved
notify-title-passkey-added = Passkey added
notify-title-passkey-removed = Passkey removed
notify-title-passkey-copied = Passkey perhaps copied
notify-title-totp-replaced = Authenticator app replaced
notify-title-totp-removed = Authenticator app removed
notify-title-codes-locked = Too many wrong codes
notify-title-enrolment-link-made = New enrolment link
notify-title-recovery-codes-made = Recovery codes made
notify-title-recovery-started = Recovery begun
notify-title-recovery-cancelled = Recovery cancelled
notify-title-device-revoked = Device revoked in a recovery
notify-title-recovery-by-operator = Recovery by the operator
notify-title-role-changed = Role changed
notify-title-program-approved = Program approved
notify-title-refresh-token-reused = Refresh token used twice
notify-title-device-ends = Device ends soon
notify-title-program-ends = Program ends soon
notify-title-access-ends = Access ends soon
notify-device-ends-advice = To keep it, open this page on it once. If you do not use it any more, there is nothing to do.
notify-program-ends-advice = To go on using it, sign in with it again. If you do not use it any more, there is nothing to do.
notify-access-ends-advice = If you still need it, ask your administrator before then.
notify-check-devices = If that was not you, revoke the device and tell your administrator.
notify-approval-denied-advice = If you did not start it, somebody tried to sign in as you. They got nothing; tell your administrator.
notify-check-security = If that was not you, check your passkeys and your authenticator app, and tell your administrator.
notify-passkey-copied-advice = Remove this passkey and add another one.
notify-codes-locked-advice = Codes are not checked for a while; passkeys keep working. If that was not you, somebody tried to sign in as you.
notify-recovery-codes-made-advice = If that was not you, make new ones, and tell your administrator.
notify-recovery-started-advice = If that was not you, cancel it on any of your devices before it can add a passkey, and make new recovery codes.
notify-recovery-cancelled-advice = If you did not cancel it, one of your devices is in other hands. Begin again with another recovery code, revoke that device first, or ask your administrator.
notify-device-revoked-advice = If that was not you, sign in again with your passkey or your authenticator app, and cancel the recovery. It cannot revoke a device on which you sign in now.
notify-ask-administrator = If you did not expect this, ask your administrator.
notify-check-programs = If that was not you, revoke its access.
notify-refresh-token-reused-advice = Somebody may have copied its tokens. If you use the program, approve it again; if it runs on a machine that others can use, change what they could read there.

## Security

security-lead = How you sign in to your account. If you have a passkey, changes require one used within the last 10 minutes.
passkeys-lead = Passkeys sign you in without a code and cannot be phished. Have at least two.
authenticator-app = Authenticator app
authenticator-app-lead = Shows a code that changes every 30 seconds.
passkeys-none = No passkeys yet
passkeys-none-lead = With a passkey you sign in with your fingerprint, your face or the PIN of a device. A stolen code can then register only a limited device, which cannot change your account until you approve it.
passkeys-no-script = Passkeys need JavaScript. Turn it on for this site to add one.
never-used = Never used
passkeys-left = { $count ->
    [one] You have one other passkey.
   *[other] You have { $count } other passkeys.
}
passkey-only-one = Your only passkey cannot be removed.
remove = Remove
remove-name = Remove { $name }
remove-title = Remove { $name }?
remove-passkey = Remove passkey
passkey-remove-lead = You will no longer be able to sign in with it.
passkey-remove-device = Your device may still offer it until you delete it there, too.
synced = Synced
authenticator-unknown = Unknown authenticator
created-on = Created { $day }
created-on-device = Created { $day } on { $device }
app-none = Not set up. Register new devices with a passkey, or with an enrolment link from an administrator.
codes = Codes
codes-full = Can register a device; they are the only factor of this account
codes-limited = Can register a device, which is limited until you approve it
codes-refused = Cannot register a device: this account signs in with passkeys only
app-set-up = Set up
app-remove-few = To remove the app, add a second passkey first.
app-remove = Remove the app
app-remove-title = Remove the authenticator app?
app-remove-submit = Remove app
app-remove-lead = Its codes can no longer register devices. You sign in with passkeys only. If you lose all of them, you need a new enrolment link from an administrator.
sessions = Sessions
behaviour = How you type
behaviour-lead = When you sign in, Latchkey compares how you type, point and touch with how you usually do. It is weak evidence: it never keeps you out by itself. Neither keys nor texts are recorded, only times.
behaviour-notice = This page measures how you type, point and touch, and compares it with how you usually do. Once signed in, you can switch that off under Security.
behaviour-exempt = Not compared since
behaviour-exempt-me = Do not compare
behaviour-exempt-title = Stop comparing how you type?
behaviour-exempt-lead = Nothing is measured on your pages any more, what a sign-in page sends is dropped unread, and what was kept is erased. You can sign in as before.
behaviour-exempt-why = Some people type differently from day to day, dictate, use an aid, or let a password manager type. Whoever does not want this need not say why.
behaviour-exempted = How you type is no longer compared, and what was kept is erased.
behaviour-include = Compare again
behaviour-included = How you type is compared again. Nothing is known yet.
behaviour-none = Nothing is kept yet. Each sign-in with a passkey on this device adds to it.
behaviour-field-email = E-mail address
behaviour-field-code = Six digits
behaviour-field-pointer = Mouse
behaviour-field-touch = Touch
behaviour-samples = { $samples ->
    [one] { $samples } sample
   *[other] { $samples } samples
}
behaviour-since = since
behaviour-compared = Compared.
behaviour-too-few = Too few to compare.
behaviour-erase = Erase
behaviour-erase-title = Erase how you type?
behaviour-erase-lead = Nothing is compared until Latchkey has learnt it again, from five sign-ins with a passkey. To stop that, choose “Do not compare”.
behaviour-erased = What was kept of how you type is erased.
behaviour-needs-passkey = Latchkey learns how you type only after you used a passkey, and you have none.
behaviour-practise = Practise
behaviour-practise-lead = Type both as you would to sign in. After five times there is enough to compare with.
behaviour-type = Type { $text }
behaviour-practise-done = Done
behaviour-practise-again = { $missing ->
    [one] Learnt. Once more, and there is enough to compare with.
   *[other] Learnt. { $missing } more times, and there is enough to compare with.
}
behaviour-practised = Learnt. There is enough to compare with now.
data = Your data
data-lead = Everything that Latchkey stores about you, without secrets, as a JSON file. The audit log says that you downloaded it.
data-download = Download my data
usual = What is usual for you
usual-lead = Latchkey asks for more when a sign-in is unusual for you. It learns from your sign-ins with a passkey; each counts half after { $days } days. Nobody else gets this.
usual-off = Sign-ins are not compared with this at present, and nothing is learnt.
usual-shadow = Nothing is asked for yet: until { $day }, scores are only recorded.
usual-shadow-always = Nothing is asked for at present: scores are only recorded.
usual-nothing = Nothing was learnt yet.
usual-few = These are too few to call anything unusual.
usual-learnt-from = Learnt from
usual-sign-ins = { $signins ->
    [one] 1 sign-in with a passkey
   *[other] { $signins } sign-ins with a passkey
}
usual-since = { $signins }, since { $day }
usual-devices = Devices
usual-places = Places
usual-networks = Networks
usual-vouched = Other networks, for a week
usual-hours = Hours
usual-hours-range = { $from } to { $until }
usual-hours-none = All over the day, or too few to say
usual-hours-all = Any
usual-place-near = near { $latitude }, { $longitude }
usual-place-operator = network operator AS{ $number }
usual-clock = { $clock } UTC
usual-erase = Erase what is usual
usual-erase-title = Erase what is usual for you?
usual-erase-submit = Erase
usual-erase-lead = Places, networks, hours and devices are forgotten. Nothing is called unusual because of them until you have signed in with a passkey three times more.
usual-erased = What was usual for you was erased.
sessions-lead = Where you are signed in. Ending a session signs that device out; it stays yours, and you can sign in on it again.
sessions-none = No session.
sessions-end-others = Sign out everywhere else
sessions-ended = { $count ->
    [one] 1 session ended.
   *[other] { $count } sessions ended.
}
session-ended = The session ended.
session-active = Last used { $time }
end-session-on = Sign out on { $device }
user-sessions-lead = Where the user is signed in. Ending a session signs that device out.
session-since = Since { $time }
session-expires = Expires { $time }
session-none = This device is registered. Changes require you to sign in first.

## My activity

activity-user-added = Your account was created
activity-user-invited = An enrolment link was created for you
activity-role-changed = Your role was changed
activity-grant-added = You were granted access
activity-grant-removed = Your access was removed
activity-probed = The operator tested a service as you
activity-with-link = with a link
activity-with-code = with a code
activity-with-passkey = with a passkey
activity-by-approval = approved on another device
activity-as-member = as a member
activity-as-administrator = as an administrator
activity-as-first-administrator = as the first administrator
activity-by-anonymous = By someone who was not signed in
activity-by-operator = By the operator, on the server
activity-by-latchkey = By Latchkey
activity-by = By { $name }
activity-from = from { $device }
activity-approved-on = approved on { $device }
deleted-device = a deleted device

## Entries of the audit log

event-by = By { $actor }, { $time }
event-by-anonymous = someone who was not signed in
event-by-operator = the operator
event-from = from { $device }
event-approved-on = approved on { $device }
changes = Before and after: { $fields }
changes-entry = , entry { $entry }
changes-nothing = nothing
changes-before = Before
changes-after = After

## Overview

overview-sessions = Active sessions
services-all = All services
overview-sign-ins = Sign-ins in the last 14 days
overview-refusals = Refusals by reason
overview-assurance = Devices by assurance
overview-latest = Latest events
overview-audit = Full audit log
overview-today = Sign-ins today
overview-in-log = In the audit log
overview-refused = Refused today
overview-unusual = More than succeeded
overview-next = Next step
overview-add-service = Add the first service, paste the generated configuration into its reverse proxy, and grant access to users. Or use the command line:
overview-no-refusals = No sign-ins were refused.
overview-no-devices = No devices are registered yet.
overview-code-only = A code alone is a single factor. Ask the users of these devices to add a passkey.
overview-no-reason = No reason given
chart-caption = Sign-ins and refusals per day
chart-caption-days = Sign-ins and refusals per day, { $first } to { $last }
chart-table = Show as a table
chart-day = Day
chart-of-day = { $day }: { $signed_in } signed in, { $refused } refused
chart-empty = No days yet.
chart-summary = { $refused ->
    [one] Between { $low } and { $high } sign-ins per day; { $refused } refusal today, at most { $most } on any previous day.
   *[other] Between { $low } and { $high } sign-ins per day; { $refused } refusals today, at most { $most } on any previous day.
}

## Administration: devices

ends-passkeys-named = { $count ->
    [one] { $count } passkey: { $names }
   *[other] { $count } passkeys: { $names }
}
revoke-any-here = This is the device you are using. You will be signed out immediately. To sign in again you need a passkey stored elsewhere, or a new enrolment link from another administrator.
revoke-any = { $email } is signed out on it within a second, and needs a passkey, a code or a new enrolment link to use it again.
revoke-name-of = Revoke { $name } of { $email }

## Administration: grants

grant-scopes = The service receives
grant-username = The user’s name.
grant-email = The user’s e-mail address.
grant-role = Whether the user is an administrator.
grant-no-scope = Without any scope it receives only a pseudonym, which is different for each service.
grant-expires = Expires after (days)
grant-expires-hint = Leave empty for no expiry.
expired = Expired
grants-none-user = No grants yet. This user has no access to any service.
grants-no-service = There are no services yet. { $link }.
grants-first-service = Add the first one
grants-lead-user = The services this user has access to, and what each learns about them.
as-administrator = As administrator
pseudonym-only = Pseudonym only
grant-remove-label = Remove { $user } from { $service }
grant-remove-title = Remove access to { $service } from { $user }?
grant-remove-explicit = The next request is refused. Granting access again creates a new pseudonym, so the service will not recognise the user.
grant-remove-admin = This access comes with the administrator role. As long as the user has that role and the service admits administrators, their next request grants it again, with a new pseudonym.
grants-all = This user has access to every service.
grant-add-service = Grant access to a service
grant-submit = Grant
grants-none-match = No grant matches.
grants-none-service = No grants yet. Add one below, or on the command line: { $command }
grants-lead-service = Who has access, and what the service learns about them. Without scopes it receives only a pseudonym.
scopes-save = Save scopes
scopes-save-hint = Takes effect within a second.
grants-caption = Users and the scopes { $service } may read
scope-for = { $scope } for { $user }
grant-add-user = Grant access to a user
grant-add-user-hint = Of an existing user. If the user already has a grant, its scopes and expiry are replaced.

## Administration: services

policy-device = Device
policy-passkey = Passkey, { $age }
policy-device-sentence = Requires a registered device.
policy-passkey-sentence = Requires a passkey used within { $age }.
policy-age = Maximum sign-in age (minutes)
policy-age-hint = 720 minutes are 12 hours. Applies only to “A recent passkey”.
policy-admins = Administrators have access without a grant
policy-admins-hint = Their access is recorded at their first request.
rules = Rules for paths
rules-hint = One per line. The first match decides; if none matches, the grant decides. For example: public GET /assets/*, admins /settings/*, nobody /metrics. Rules apply only if the proxy uses /forward-auth.
proxy = Proxy configuration
proxy-lead = Ready to paste. Replace { $token } with the token, and set the address at which { $service } listens.
proxy-note = Proxies reach Latchkey at { $address } ({ $address_setting }). Browsers send the device cookie to hosts other than { $host } only if { $domain_setting } is set to a parent domain of all of them.
proxy-file-traefik = { $service }.yaml, a file of the dynamic configuration
proxy-file-envoy-filters = http_filters of the HTTP connection manager
proxy-file-envoy-clusters = clusters of static_resources
service-no-host = No host yet
service-lead = { $hosts }. { $policy } { $grants }.
open = Open
policy = Hosts and policy
policy-lead = The host names of the service, the assurance it requires, and the rules for its paths.
policy-hosts-hint = Separate with spaces. The tile on the users’ start page links to the first.
policy-save = Save hosts and policy
service-delete = Deletes its tokens and { $grants }. From then on, requests from the proxy are refused.
service-delete-lead = All access to { $target } ends within a second. These are deleted with it:
service-delete-note = This cannot be undone. A new service of the same name gets new pseudonyms.
tokens-lead = The proxy authenticates with a token. Only its label is stored in readable form.
tokens-expiring = Tokens that are about to expire ({ $count }) stop working immediately.
token-rotate = Rotate token
token-rotate-title = Rotate the token of { $name }
token-rotate-lead = A new token is created now. Choose how long the old one keeps working.
token-overlap = The old token works for
rotate = Rotate
until-rotated = When rotated
risk-policy = Unusual devices
risk-policy-lead = Latchkey scores each sign-in, and each use of a device that differs from those before. What a score asks for, it asks for everywhere; this service can ask for more.
risk-policy-passkey = Require a passkey that was used after the assessment
risk-policy-device-bound = Require a passkey that cannot leave its authenticator
risk-policy-never = Never
risk-policy-medium = From medium (20 points)
risk-policy-high = From high (50 points)
risk-policy-tells = Tell the service how unusual a device was
risk-policy-tells-hint = In the header Latchkey-Risk: low, medium, high or held. Not before scores have an effect.
risk-policy-save = Save what is asked
access-tokens = Access tokens
access-tokens-lead = Programs use this service with access tokens: they have no browser and no device cookie.
access-tokens-scopes-hint = What tokens may do here, in names of your own such as albums:read. Separate with spaces. A scope that is removed ends the tokens that have it.
access-tokens-save = Save access tokens
access-tokens-native = Users get tokens with the command line
access-tokens-native-hint = With “latchkey login”, users with access approve a terminal of theirs, which gets tokens with these scopes.
access-tokens-nonce = Proofs of possession need a nonce
access-tokens-nonce-hint = A proof that was made ahead is refused: the program gets a nonce that is valid for minutes, and tries again with it.
access-tokens-no-client = No client gets tokens for this service yet.
token-use = A token is accepted
reusable = Until it expires (reusable)
reusable-hint = Two minutes, for as many requests as the client makes.
one-shot = Once (one_shot)
one-shot-hint = A second use is refused, and recorded in the audit log.
single-active = Until there is a newer one (single_active)
single-active-hint = Only the newest token works, of the client itself and of each of its users.

## Administration: clients

client = Client
clients-all = All clients
clients-count = { $count ->
    [one] { $count } client.
   *[other] { $count } clients.
}
clients-found = { $count ->
    [one] { $count } client found.
   *[other] { $count } clients found.
}
clients-none = No clients yet
clients-none-lead = A client is a program that uses a service by itself: a script, an app, another service. It has no browser and no device cookie, so it gets access tokens, each for one service and valid for minutes. Add one here or on the command line:
clients-add = Add a client
clients-add-lead = A client is a program that gets access tokens for services. Its secret is shown once.
clients-add-submit = Add client
client-kind = Kind
client-confidential = Confidential
client-confidential-hint = Runs on a server and can keep a secret.
client-public = Public
client-public-hint = Runs on a device of its user, such as an app or a command-line program. It has no secret.
client-name-hint = For whoever approves or revokes it, such as Backup.
client-audiences = Gets tokens for
client-audiences-hint = Choose at least one service.
client-audience-no-scopes = No scopes defined
client-audience-scopes = Scopes: { $scopes }
client-scopes-hint = What it may ask for, such as albums:read. Separate with spaces. A token gets those that its service defines, too.
grant-types = Grant types
grant-types-hint = If none is chosen: client_credentials for a confidential client, device_code and refresh_token for a public one.
grant-type-credentials = For itself, with its secret.
grant-type-device = For a user who approves on another device.
grant-type-jwt = For the user of a device whose key signs the request.
grant-type-refresh = The next token for a user, without asking again.
client-more = Redirect URIs, algorithm, lifetime and keys
client-lifetime = Access tokens are valid for, in seconds
client-lifetime-hint = From 1 to 900. A service that verifies tokens offline accepts one for this long after access has ended.
client-keys = Public keys
client-keys-hint = A JWK set. The client authenticates with one of these keys (private_key_jwt) and gets no secret. Only for a confidential client.
redirect-uris = Redirect URIs
redirect-uris-hint = One per line. Where a browser returns to the client.
algorithm = Signed with
algorithm-eddsa = EdDSA
algorithm-eddsa-hint = Ed25519. For all services that can verify it.
algorithm-es256 = ES256
algorithm-es256-hint = ECDSA with P-256, for libraries without Ed25519.
algorithm-rs256 = RS256
algorithm-rs256-hint = RSA, for services and gateways that can verify nothing else. Its signatures are four times as long.
dpop = Bind tokens to a key (DPoP)
dpop-hint = A stolen token is useless without the client’s private key. The client must support RFC 9449.
client-lead = { $kind } client. Gets tokens for { $services }.
client-binding = Sent as
client-bearer = Bearer token
client-dpop = DPoP-bound token (RFC 9449)
client-get-token = Get a token
client-get-token-lead = Each token is valid for { $lifetime }. The client asks for the next one in time.
command-token = Token request
command-device-code = Code for the user
command-device-token = Token, once approved
client-command-secret = Set the environment variable { $variable } to the secret first, so that it is not in the history of the shell.
client-command-code = The user enters the code at /activate. Set { $variable } to the device_code of the first response.
client-other-audiences = A token is for one service. For the others, change the audience to { $services }.
client-command-none = Requests of this client are signed with a key, which curl cannot do. Use an OAuth library.
client-audit = All events of this client
secret = Secret
secrets = Secrets
secrets-lead = The client authenticates with a secret. Only its label is stored in readable form.
secrets-expiring = Secrets that are about to expire ({ $count }) stop working immediately.
secret-rotate = Rotate secret
secret-rotate-title = Rotate the secret of { $name }
secret-rotate-lead = A new secret is created now. Choose how long the old one keeps working. Tokens end with the secret that the client got them with.
secret-overlap = The old secret works for
secret-overlap-day-hint = Enough time to update the program.
secret-overlap-week-hint = For programs managed by someone else.
secret-overlap-none-hint = Tokens from the old secret end within a second.
client-delete = Deletes the client. Its tokens are refused within a second.
client-delete-lead = The client loses access to { $services } within a second.
client-delete-note = This cannot be undone. A new client of the same name has another client_id and another secret.

## Administration: the two ways to verify an access token

modes = JWT mode and session mode: two ways to verify a token
modes-lead = A service decides how it verifies tokens; both ways accept the same ones. They differ when access is revoked before a token expires: its client or service was deleted, its secret rotated, a scope removed, or its user signed out.
modes-question = Difference
modes-jwt = JWT mode
modes-session = Session mode
modes-path = Path of a request
modes-latchkey = Latchkey
modes-how = How to verify
modes-how-jwt = In the service: signature, typ, iss, aud and exp, with the keys at /.well-known/jwks.json.
modes-how-session = For each request, the service asks /verify or /oauth/introspect, or its proxy asks /forward-auth.
modes-end = Access revoked
modes-end-jwt = The token is accepted until it expires: after two minutes, if its client has no other lifetime.
modes-end-session = The token is refused within a second.
modes-use = One-shot and single-active tokens
modes-use-jwt = Cannot be enforced.
modes-use-session = Enforced.
modes-cost = Cost of a request
modes-cost-jwt = One signature to check; no network.
modes-cost-session = One request on the internal network.
modes-down = If Latchkey is down
modes-down-jwt = Tokens work until they expire; there are no new ones.
modes-down-session = Every request is refused.
modes-for = Suitable for
modes-for-jwt = Many requests that only read, and services that cannot reach Latchkey.
modes-for-session = Everything that must end at once.

## Administration: users

user-delete = Deletes the user with all devices, passkeys and grants. The audit log is kept.
user-delete-lead = This cannot be undone. These are deleted with the account:
user-data = Data
user-data-lead = Everything that Latchkey stores about this user, without secrets. The audit log says that a copy was made.
user-data-download = Download a copy
user-erase = Erase this user
user-erase-lead = Deletes the user like “Delete” below, and at once what is otherwise left for up to an hour: text that they entered into forms, and counters of wrong codes. The audit log keeps the entries that name them until its retention ends. This cannot be undone.
user-erase-confirmation = To confirm, enter { $email }
user-erase-submit = Erase permanently
user-erase-mistyped = This is not the address of the user. Nothing was erased.
user-erased = { $email } was erased. { $count ->
    [0] The audit log does not name them.
    [one] The audit log keeps 1 entry that names them until its retention ends.
   *[other] The audit log keeps { $count } entries that name them until its retention ends.
}
user-delete-note = To block access temporarily, disable the account instead.
enable = Enable
user-new-link = New enrolment link
user-link = Enrolment link
user-link-until = Valid once, until { $time }
user-no-recovery-codes = None. Only an administrator can help if everything is lost.
user-recovery-codes = { $left } left
user-link-revoke = Revoke link
user-link-revoke-title = Revoke the enrolment link of { $name }?
user-link-revoke-lead = The link cannot be used any more, and an enrolment that was begun with it cannot be completed.
user-link-revoked = The enrolment link was revoked.
users-open-link = Open link
user-new-link-lead = The user had a device before. So the link recovers access with a wait: their other devices are told, and can cancel it.
user-vouch = I have checked that this is the user
user-vouch-hint = Whoever opens the link can use the account at once, with a new authenticator app. Check in person, or call a number that you knew before.
user-make-link = Make the link
disable = Disable
disable-title = Disable { $name }?
user-disable-lead = These stop working within a second:
user-ends-sessions = their sessions
user-ends-access = access to { $services }
user-disable-note = Nothing is deleted: enabling the account restores devices and grants. The user only has to sign in again.
user-signs-in-passkeys = With passkeys only
user-signs-in-administrator = With passkeys only, as an administrator
user-signs-in-both = With passkeys; a code registers a limited device
user-signs-in-codes = With codes from an authenticator app
user-waiting = waiting for the first device
user-is-you = (this is you)
details = Details
signs-in = Signs in
identifier = Identifier
user-role-change = Change role
role-hint = The user is signed out everywhere, so that no existing session gets the new role.
role-save = Save role
factors-change = Change sign-in
factors-legend = Signs in with
factors-save = Save sign-in
user-no-devices = The first device is registered with the enrolment link.
passkey-remove-any = The user can no longer sign in with it. Devices whose assurance comes from this passkey alone become “Code only”.
user-no-passkeys = No passkeys. A code alone is a single factor; ask the user to add a passkey under Security.

## Dialogs and notices

cancel = Cancel
delete = Delete
delete-name = Delete { $name }
delete-title = Delete { $name }?
delete-permanently = Delete permanently
rename = Rename
save = Save
wrong-codes-lockout = Codes are temporarily not accepted on new devices.
wrong-codes = Wrong codes were entered for this account.
wrong-codes-networks = { $count ->
    [one] Codes from { $count } network are temporarily not accepted on new devices.
   *[other] Codes from { $count } networks are temporarily not accepted on new devices.
}
wrong-codes-count = { $count ->
    [one] { $count } wrong code came from an unregistered browser, the last one { $time }.
   *[other] { $count } wrong codes came from unregistered browsers, the last one { $time }.
}
wrong-codes-until = Codes are accepted there again { $time }.
wrong-codes-any = Registered devices and passkeys are not affected.
wrong-codes-own = Your devices and passkeys are not affected. If this was not you, someone who knows your e-mail address is guessing codes. None of the attempts succeeded.
wrong-codes-accept = Accept codes again

## Times, numbers and lists

count-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
count-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
count-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
count-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
count-weeks = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
}
count-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
count-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
count-devices = { $count ->
    [one] { $count } device
   *[other] { $count } devices
}
count-active-devices = { $count ->
    [one] { $count } active device
   *[other] { $count } active devices
}
count-revoked-devices = { $count ->
    [one] { $count } revoked device
   *[other] { $count } revoked devices
}
count-passkeys = { $count ->
    [one] { $count } passkey
   *[other] { $count } passkeys
}
count-grants = { $count ->
    [one] { $count } grant
   *[other] { $count } grants
}
count-users = { $count ->
    [one] { $count } user
   *[other] { $count } users
}
count-tokens = { $count ->
    [one] { $count } token
   *[other] { $count } tokens
}
just-now = just now
yesterday = yesterday
tomorrow = tomorrow
time-ago = { $span } ago
time-ahead = in { $span }
today = Today
day-before = Yesterday
time-exact = { $weekday } { $date }, { $clock } UTC
local-time = {" "}({ $time } here)
date = { $day } { $month } { $year }
day-and-month = { $day } { $month }
weekday-and-date = { $weekday } { $date }
list-comma = { $list }, { $next }
list-last = { $list } and { $last }
list-more = { $count } more
monday = Monday
tuesday = Tuesday
wednesday = Wednesday
thursday = Thursday
friday = Friday
saturday = Saturday
sunday = Sunday
january = January
february = February
march = March
april = April
may = May
june = June
july = July
august = August
september = September
october = October
november = November
december = December

## Used on several pages

demo-notice = Demo: sample data in a temporary directory
none = None
active = Active
command = Command
copy = Copy
copied = Copied
shown-once = You won’t see this again.

## Actions of the audit log

action-setup-linked = A setup link was created
action-user-added = A user was added
action-user-invited = An enrolment link was created
action-user-link_revoked = An enrolment link was revoked
action-totp-provisioned = An authenticator app was provisioned
action-totp-confirmed = An authenticator app was set up
action-totp-paused = Codes are not accepted from new devices for a while, after too many wrong ones
action-totp-resumed = Codes are accepted from new devices again
action-totp-removed = An authenticator app was removed
action-user-disabled = The account was disabled
action-user-enabled = The account was enabled
action-user-deleted = The account was deleted
action-user-exported = A copy of all data about the user was made
action-user-sign-in-changed = The sign-in methods of the user were changed
action-user-role-changed = The role was changed
action-role-added = A role was defined
action-role-changed = A role was changed
action-role-deleted = A role was deleted
action-recovery-codes-made = Recovery codes were made
action-recovery-started = A recovery began
action-recovery-mail-requested = A mail to confirm a recovery was asked for
action-recovery-confirmed = A recovery was confirmed by mail
action-recovery-cancelled = A recovery was cancelled
action-user-recovered = The operator made a link to recover access
action-device-registered = A device was registered
action-device-probed = The proxy doctor signed in as this user
action-device-renamed = A device was renamed
action-device-approved = A device was approved
action-device-weakened = A device is no longer of passkey assurance
action-device-approval-granted = A user approved another device on this one
action-device-approval-denied = A user did not approve another device
action-device-assessed = A device was used in an unusual way
action-risk-network-added = A network was blocked or allowed
action-risk-network-removed = A network is no longer blocked or allowed
action-risk-baseline-erased = What is usual for a user was erased
action-risk-behaviour-exempted = Typing is no longer compared
action-risk-behaviour-included = Typing is compared again
action-risk-behaviour-practised = Typing was practised
action-risk-behaviour-erased = What was kept of somebody’s typing was erased
action-device-revoked = A device was revoked
action-session-signed-in = Signed in
action-session-signed-out = Signed out
action-session-refused = A sign-in was refused
action-session-refusals = More sign-ins were refused than are listed
action-passkey-added = A passkey was added
action-passkey-renamed = A passkey was renamed
action-passkey-removed = A passkey was removed
action-service-added = A service was added
action-service-changed = A service was changed
action-service-token-rotated = A service token was rotated
action-service-deleted = A service was deleted
action-grant-added = Access was granted
action-grant-changed = Access was changed
action-grant-removed = Access was removed
action-client-added = A client was added
action-client-secret-rotated = A client secret was rotated
action-client-deleted = A client was deleted
action-token-approved = A program was approved
action-token-denied = A program was denied
action-token-family-started = A program signed in for a user
action-token-family-ended = A program was signed out
action-token-revoked = An access token was revoked
action-token-issued = An access token was issued
action-mail-retried = A mail that was given up is tried again
action-mail-discarded = A mail that was not sent was deleted
action-token-replayed = A used access token was sent again
action-key-rotated = A signing key was rotated
action-key-master-rotated = The master key was rotated
action-audit-pruned = Old entries of the audit log were removed
action-backup-made = A backup was made
action-backup-restored = A backup was restored

## Administration: roles

role-custom = { $name }
role-custom-hint = Defined by an administrator.
roles-count = { $count ->
    [one] { $count } role. A role permits its users to administer parts of Latchkey.
   *[other] { $count } roles. A role permits its users to administer parts of Latchkey.
}
role-permits-nothing = Only their own devices and passkeys.
role-permits-all = Everything.
roles-add = Define a role
roles-add-submit = Define role
role-name-hint = Lower-case letters, digits and hyphens, such as help-desk. Services may learn it. It cannot be changed later.
role-permissions-hint = You can give what you have yourself. Nobody can act for a user who may do more than they do.
role-change = Change { $name }
role-change-hint = If the role permits more than before, its users are signed out everywhere.
role-change-save = Save permissions
role-delete = Delete role
role-delete-lead = No user has this role. A new role with the same name starts from nothing.
role-delete-used = A role can be deleted when no user has it.
permissions = Permissions
permissions-lead = What each permission allows. A program gets one with the scope “latchkey:” and its name.
permission-overview-read = See the numbers of the overview.
permission-users-read = See users, their passkeys and wrong codes.
permission-users-invite = Add members, and make enrolment links.
permission-users-export = Get a copy of everything that is stored about a user.
permission-users-write = Disable, enable and delete users, remove passkeys, and change how users sign in.
permission-roles-read = See roles and what they permit.
permission-roles-write = Define roles, and give them to users.
permission-devices-read = See the devices of all users.
permission-devices-revoke = Revoke devices.
permission-sessions-read = See who is signed in.
permission-sessions-revoke = End sessions.
permission-services-read = See services with their hosts, rules and policies.
permission-services-write = Add, change and delete services, and rotate their tokens.
permission-grants-read = See who has access to which service.
permission-grants-write = Give and remove access.
permission-clients-read = See clients.
permission-clients-write = Add and delete clients, and rotate their secrets.
permission-audit-read = Read and verify the audit log.
permission-risk-read = See how unusual sign-ins were, and which networks are blocked or allowed.
permission-risk-write = Block and allow networks, approve held devices, and erase what is usual for a user.
permission-keys-read = See which keys sign tokens.
permission-keys-write = Rotate signing keys.

## Mails

mails-lead = Mails to users that were not sent yet. One that fails is tried again for a day and then given up; nothing else waits for it.
mails-off = This installation sends no mail. Set mail.url and mail.from to tell users of changes to their accounts.
mails-none = Every mail was sent
mails-none-lead = A mail that cannot be sent is shown here, with the reason. To see whether the settings are right, send one:
mail-about = About
mail-written = Written
mail-attempts = Attempts
mail-failed = Given up
mail-waiting = Waiting
mail-next-attempt = next attempt { $time }
mail-retry = Try again
mail-retry-to = Try the mail to { $email } again
mail-retried = The mail is tried again within a second.
mail-discard = Delete
mail-discard-to = Delete the mail to { $email }
mail-discard-lead = Its user will not get it. What it says of their account is in their notifications too.
mail-discarded = The mail was deleted.
delivery-mail = Send the link by mail
delivery-mail-hint = To their address, from this server. You will not see the link.
user-invited-by-mail = A new link is on its way to { $email }. It works once; older ones are void.
user-added-by-mail = { $name } was added. Their link is on its way to { $email }.
user-mail-link = Send a new link by mail
mail-greeting = Hello { $name },
mail-time = Time
mail-address = Address
mail-code = Code
mail-device = Device
mail-ends = Ends
mail-open = Open { $page }
mail-footer = { $site } tells you of changes to your account. You find them at { $page } too. Nobody reads replies to this address.
mail-enrolment-subject = Your link to { $site }
mail-enrolment = With this link you register your device at { $site }. It works once.
mail-enrolment-advice = Open it on the device that you want to use, and do not forward it. If you did not expect it, do not open it, and tell your administrator.
mail-enrolment-open = Register my device
mail-about-recovery = Code to confirm a recovery
mail-recovery-subject = Your code to recover access
mail-recovery = Somebody recovers access to your account at { $site }, and asked for this code. If it is you, enter it in the same browser, or open the link there.
mail-recovery-advice = If it is not you, do not use the code and give it to nobody. Sign in, cancel the recovery under Devices, and make new recovery codes.
mail-recovery-open = Confirm in the browser that asked
mail-test-subject = Test
mail-test-greeting = Hello,
mail-test = An operator sent this mail to see whether mail works. It does.

## How unusual a sign-in was

risk-score = Risk { $score } of 100: { $level }
risk-level-low = low
risk-level-medium = medium
risk-level-high = high
risk-level-held = held
risk-reason = { $reason }: { $points ->
    [one] { $points } point
   *[other] { $points } points
}
risk-unusual-location = Away from the usual places
risk-new-device = A device on which no passkey was used before
risk-unusual-time = An unusual hour
risk-unusual-behaviour = Unusual typing, or that of a program
risk-listed-address = An address on a block list
risk-blocked-network = A network that an administrator blocked
risk-impossible-travel = Further from the last sign-in than anybody can travel
risk-many-failures = After many wrong codes
risk-contradiction = The browser does not fit the device
risk-other-browser = Another browser or system than those in which its user signed in
risk-automation = The browser seems to be controlled by a program
risk-missing-binding = The session is no longer bound to its device
risk-asked-nothing = The device was enough.
risk-asked-authentication = A passkey or a code was required.
risk-asked-passkey = A passkey was required.
risk-asked-approval = It has to be approved on another device, or by an administrator.
risk-would-ask-authentication = A passkey or a code would have been required. Scores have no effect yet.
risk-would-ask-passkey = A passkey would have been required. Scores have no effect yet.
risk-would-ask-approval = It would have had to be approved on another device, or by an administrator. Scores have no effect yet.

## Risk, for administrators

risk-state-off = Sign-ins are not assessed. The numbers are those of before.
risk-state-enforce = Scores are enforced: an unusual sign-in is asked for more.
risk-state-shadow = Scores are recorded and have no effect yet.
risk-state-shadow-until = Scores are recorded and have no effect yet. They are enforced { $time }.
risk-scores = Scores per day
risk-bar-low = Low
risk-bar-medium = Medium
risk-bar-high = High
risk-bar-held = Held
risk-chart-caption = Sign-ins and returns of devices per day, by how unusual they were
risk-chart-day = { $day }: { $low } low, { $medium } medium, { $high } high, { $held } held
risk-chart-summary = In 14 days: { $low } of low risk, { $medium } medium, { $high } high, { $held } held.
risk-bounded = There were more than { $most } unusual sign-ins. All below counts the newest { $most }.
risk-reasons = Reasons
risk-users = Users
risk-networks = Networks
risk-places = Places
risk-nothing-unusual = Nothing was unusual.
risk-unusual = Unusual
risk-asked = Asked for more
risk-highest = Highest score
risk-place = Place
risk-place-title = { $place }: { $count ->
    [one] { $count } unusual sign-in
   *[other] { $count } unusual sign-ins
}
risk-place-unusual = Unusual sign-ins
risk-place-usual = Others among the latest sign-ins
risk-no-locations = No file says where addresses are. Set risk.location_file to see places.
risk-no-places = The file does not say where the addresses of these sign-ins are.
map-summary = A map of the world: { $unusual ->
    [one] { $unusual } place
   *[other] { $unusual } places
} of unusual sign-ins, { $usual } others. The list below has the places of unusual ones.
degrees = { $latitude }° { $north }, { $longitude }° { $east }
north = N
south = S
east = E
west = W
risk-waiting = Waiting for approval
risk-waiting-all = All that wait
risk-waiting-none = No device waits for approval.
risk-waiting-more = { $count ->
    [one] { $count } more
   *[other] { $count } more
}
risk-approve = Approve
risk-approve-name = Approve { $name } of { $email }
risk-approved = The device was approved. It is no longer limited.
network = Network
network-block = Block
network-allow = Allow
network-blocked = Blocked
network-allowed = Allowed
network-block-title = Block { $network }?
network-allow-title = Allow { $network }?
network-block-text = Whoever signs in from this network has to be approved, on another device of theirs or by an administrator. { $users ->
    [one] One user had unusual sign-ins from there.
   *[other] { $users } users had unusual sign-ins from there.
}
network-allow-text = Being in this network becomes usual for everybody, whatever block lists say. Do this for networks that you know, like that of an office.
network-is-own = You are in this network yourself.
network-for = For how long
network-for-day = 1 day
network-for-week = 7 days
network-for-month = 30 days
network-for-year = 1 year
network-for-good = For good
network-until = Until
network-say = What to do with sign-ins from there
network-add = Add a network
network-add-lead = Sign-ins from a blocked network are held until they are approved. Being in an allowed one is usual for everybody. The smallest network that has an address decides.
network-hint = An address, or a network like 198.51.100.0/24.
network-submit = Save
network-is-blocked = Sign-ins from { $network } are held now.
network-is-allowed = Being in { $network } is usual for everybody now.
network-removed = Nothing is said of this network any more.
network-remove-block = Sign-ins from there are assessed like all others again.
network-remove-allow = Being there is unusual again for users who do not sign in from there.
networks-title = Network rules
networks-lead = Networks that are blocked or allowed, whoever signs in.
networks-none = No rules yet
networks-none-lead = Block a network on the risk page or here, or use the command line:
replay-title = What if
replay-lead = Compute the scores of the last days again with other weights. Nothing is changed.
replay-weights = Weights
replay-weights-lead = How many points each reason has, from 0 to 100. Zero switches it off.
replay-default = Default: { $points }
replay-days = How far back
replay-submit = Compute
replay-reset = Back to the configured weights
replay-points-refused = Enter a whole number from 0 to 100.
replay-unchanged = These are the weights that are configured.
replay-outcome = What would have been different
replay-of = { $count ->
    [one] { $count } assessment since { $since }.
   *[other] { $count } assessments since { $since }.
}
replay-levels = Assessments by level
replay-level = Level
replay-was = As it was
replay-would-be = As it would be
replay-more = { $users ->
    [one] { $users } user would have been asked for more
   *[other] { $users } users would have been asked for more
}, { $times ->
    [one] { $times } time.
   *[other] { $times } times.
}
replay-less = { $users ->
    [one] { $users } user would have been asked for less
   *[other] { $users } users would have been asked for less
}, { $times ->
    [one] { $times } time.
   *[other] { $times } times.
}
replay-users = Users for whom most would have changed
replay-asked-more = More
replay-asked-less = Less
replay-deleted-user = Deleted user
replay-bounded = Only the newest { $most } assessments were computed. The command line computes all: latchkey risk replay
replay-unrecorded = “{ $factor }” is switched off now, so it was not recorded. What it would have added is missing.
replay-estimated = { $count ->
    [one] { $count } assessment was made with other weights than those of now. Its reasons count in full.
   *[other] { $count } assessments were made with other weights than those of now. Their reasons count in full.
}
replay-returns = Returns of devices with a low score are not recorded, and are missing.
replay-configuration = Configuration file
replay-save = To use these weights, put this into the configuration file and restart Latchkey.
