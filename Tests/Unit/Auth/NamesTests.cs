using MemoryMesh.Auth.Accounts;
using MemoryMesh.Auth.Tenants;

namespace MemoryMesh.Tests.Unit.Auth;

public class NamesTests
{
    [TestCase("ada@example.com", true)]
    [TestCase("ada+tag@sub.example.com", true)]
    [TestCase("ada@localhost", true)]
    [TestCase("ädä@exämple.com", true)]
    [TestCase("a@b", true)]
    [TestCase("ada", false)]
    [TestCase("@example.com", false)]
    [TestCase("ada@", false)]
    [TestCase("ada@@example.com", false)]
    [TestCase("a@b@example.com", false)]
    [TestCase("ada @example.com", false)]
    [TestCase(" ada@example.com", false)]
    [TestCase("ada@example.com ", false)]
    [TestCase("ada@.example.com", false)]
    [TestCase("ada@example.com.", false)]
    [TestCase("ada@example..com", false)]
    [TestCase("0123456789012345678901234567890123456789012345678901234567890123x@example.com", false)]
    public void An_email_address_has_one_at_sign_and_no_white_space(string email, bool valid)
        => Assert.That(AccountNames.CheckEmail(email), valid ? Is.Null : Is.Not.Null);

    [TestCase("ada", true)]
    [TestCase("Ada Lovelace", true)]
    [TestCase("阿达", true)]
    [TestCase("ada@example.com", false)]
    [TestCase(" ada", false)]
    [TestCase("ada ", false)]
    public void A_user_name_is_never_taken_for_an_email_address(string username, bool valid)
        => Assert.That(AccountNames.CheckUsername(username), valid ? Is.Null : Is.Not.Null);

    [TestCase("my-app", true)]
    [TestCase("a", true)]
    [TestCase("0", true)]
    [TestCase("a_b-c9", true)]
    [TestCase("0123456789012345678901234567890123456789012345678901234567890123", true)]
    [TestCase("01234567890123456789012345678901234567890123456789012345678901234", false)]
    [TestCase("", false)]
    [TestCase("My-App", false)]
    [TestCase("my app", false)]
    [TestCase("my.app", false)]
    [TestCase("münchen", false)]
    [TestCase("a/b", false)]
    [TestCase("0f8fad5b-d9cb-469f-a165-70867728950e", false)]
    [TestCase("0f8fad5bd9cb469fa16570867728950e", false)]
    public void A_slug_is_short_plain_and_no_id(string slug, bool valid) => Assert.That(Slug.IsValid(slug), Is.EqualTo(valid));
}
