using MemoryMesh.Auth.Passwords;

namespace MemoryMesh.Tests.Unit.Auth;

public class PasswordRulesTests
{
    private static IEnumerable<TestCaseData> Allowed()
    {
        yield return new("correct horse battery");
        yield return new("12345679");
        yield return new("        ");
        yield return new("tab\tand\nline");
        yield return new("пароль-из-кириллицы");
        yield return new("密码密码密码密码");
        yield return new("\U0001F600\U0001F601\U0001F602\U0001F603\U0001F604\U0001F605\U0001F606\U0001F607");
        yield return new("e\u0301e\u0301e\u0301e\u0301");
        yield return new(new string('x', 256));
        yield return new(string.Concat(Enumerable.Repeat("\U0001F600", 256)));
        yield return new("'; DROP TABLE accounts; --");
    }

    private static IEnumerable<TestCaseData> Refused()
    {
        yield return new("");
        yield return new("seven77");
        yield return new("\U0001F600\U0001F601\U0001F602\U0001F603\U0001F604\U0001F605\U0001F606");
        yield return new(new string('x', 257));
        yield return new(string.Concat(Enumerable.Repeat("\U0001F600", 257)));
        yield return new("password");
        yield return new("PassWord1");
        yield return new("12345678");
        yield return new("qwertyuiop");
        yield return new("iloveyou");
        yield return new("with\0null-in-it");
        yield return new("lone\ud800surrogate");
        yield return new("ada.lovelace@example.com");
        yield return new("ADA.lovelace@example.COM");
        yield return new("adalovelace");
    }

    [TestCaseSource(nameof(Allowed))]
    public void It_is_allowed(string password) => Assert.That(Check(password), Is.Null);

    [TestCaseSource(nameof(Refused))]
    public void It_is_refused(string password) => Assert.That(Check(password), Is.Not.Null);

    private static string? Check(string password) => PasswordRules.Check(password, "ada.lovelace@example.com", "AdaLovelace");
}
