from __future__ import annotations

from django.urls import path

from accounts.views import account, address, openid, passkeys, second_factor, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", sign_in.sign_in_code, name="sign_in_code"),
    path("sign-in/code/again/", sign_in.send_again, name="send_again"),
    path("sign-in/passkey/", passkeys.begin_sign_in, name="passkey_sign_in"),
    path("sign-in/passkey/complete/", passkeys.complete_sign_in, name="passkey_sign_in_complete"),
    path("sign-in/with-brand/", openid.sign_in, name="openid_sign_in"),
    path("sign-in/with-brand/callback/", openid.callback, name="openid_callback"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("account/", account.account, name="account"),
    path("account/address/", address.address, name="address"),
    path("account/address/code/", address.address_code, name="address_code"),
    path("account/address/<int:replaced>/<slug:restores>/", address.take_back, name="put_back"),
    path("account/language/", account.language, name="language"),
    path("account/name/", account.name, name="name"),
    path("account/place/", account.place, name="place"),
    path("account/sessions/<int:session>/end/", account.end_session, name="end_session"),
    path("account/sessions/end-others/", account.sign_out_everywhere, name="sign_out_everywhere"),
    path("account/passkeys/begin/", passkeys.begin_passkey, name="passkey_begin"),
    path("account/passkeys/", passkeys.add_passkey, name="passkey_add"),
    path("account/passkeys/<int:passkey>/rename/", passkeys.rename_passkey, name="passkey_rename"),
    path("account/passkeys/<int:passkey>/remove/", passkeys.remove_passkey, name="passkey_remove"),
    path("account/authenticator/", second_factor.authenticator, name="authenticator"),
    path("account/authenticator/remove/", second_factor.remove_authenticator, name="authenticator_remove"),
    path("account/recovery-codes/", second_factor.recovery_codes, name="recovery_codes"),
    path("account/second-factor/", second_factor.second_factor, name="second_factor"),
    path("account/with-brand/link/", openid.link, name="openid_link"),
    path("account/with-brand/unlink/", openid.unlink, name="openid_unlink"),
    path("account/confirm/", second_factor.confirm, name="confirm"),
]
