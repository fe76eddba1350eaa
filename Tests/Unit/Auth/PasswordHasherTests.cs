using MemoryMesh.Auth;
using MemoryMesh.Auth.Passwords;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Unit.Auth;

public class PasswordHasherTests
{
    private const string Password = "correct horse battery";

    [Test]
    public async Task A_hash_tells_its_scheme_and_iterations_and_is_never_the_same_twice()
    {
        using var hasher = Create(1_000);
        using var turn = await hasher.EnterAsync(default);
        var (first, second) = (await turn!.HashAsync(Password), await turn.HashAsync(Password));
        Assert.Multiple(() =>
        {
            Assert.That(first, Does.StartWith("pbkdf2-sha256$1000$"));
            Assert.That(first.Split('$'), Has.Length.EqualTo(4));
            Assert.That(second, Is.Not.EqualTo(first));
        });
    }

    [TestCase(Password, PasswordCheck.Matches)]
    [TestCase("correct horse batterY", PasswordCheck.Refused)]
    [TestCase("", PasswordCheck.Refused)]
    public async Task Only_the_same_password_matches(string given, object expected)
    {
        using var hasher = Create(1_000);
        using var turn = await hasher.EnterAsync(default);
        Assert.That(await turn!.VerifyAsync(given, await turn.HashAsync(Password)), Is.EqualTo((PasswordCheck)expected));
    }

    [Test]
    public async Task Composed_and_decomposed_letters_are_different_passwords()
    {
        using var hasher = Create(1_000);
        using var turn = await hasher.EnterAsync(default);
        Assert.That(await turn!.VerifyAsync("caf\u00e9 au lait", await turn.HashAsync("cafe\u0301 au lait")), Is.EqualTo(PasswordCheck.Refused));
    }

    [Test]
    public async Task A_refusal_takes_the_same_work_whatever_is_stored()
    {
        string oldHash;
        using (var old = Create(1_000))
        using (var turn = await old.EnterAsync(default))
        {
            oldHash = await turn!.HashAsync(Password);
        }

        using var hasher = Create(3_000);
        using var now = await hasher.EnterAsync(default);
        var newHash = await now!.HashAsync(Password);
        foreach (var stored in new[] { null, oldHash, newHash })
        {
            var before = hasher.IterationsRun;
            Assert.That(await now.VerifyAsync("another password", stored), Is.EqualTo(PasswordCheck.Refused));
            Assert.That(hasher.IterationsRun - before, Is.EqualTo(3_000));
        }

        Assert.That(await now.VerifyAsync(Password, oldHash), Is.EqualTo(PasswordCheck.MatchesOldHash));
    }

    [Test]
    public async Task More_than_may_wait_are_turned_away_at_once()
    {
        using var hasher = new PasswordHasher(Options.Create(new AuthOptions { HashingConcurrency = 1, HashingQueue = 2 }));
        var first = await hasher.EnterAsync(default);
        var waiting = new[] { hasher.EnterAsync(default), hasher.EnterAsync(default) };
        Assert.That(await hasher.EnterAsync(default), Is.Null);

        first!.Dispose();
        foreach (var turn in waiting)
        {
            (await turn)!.Dispose();
        }

        using var again = await hasher.EnterAsync(default);
        Assert.That(again, Is.Not.Null);
    }

    [Test]
    public async Task Who_stops_waiting_leaves_the_queue()
    {
        using var hasher = new PasswordHasher(Options.Create(new AuthOptions { HashingConcurrency = 1, HashingQueue = 1 }));
        var first = await hasher.EnterAsync(default);
        using var cancellation = new CancellationTokenSource();
        var waiting = hasher.EnterAsync(cancellation.Token);
        await cancellation.CancelAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
        var next = hasher.EnterAsync(default);
        first!.Dispose();
        (await next)!.Dispose();
    }

    private static PasswordHasher Create(int iterations) => new(Options.Create(new AuthOptions { PasswordIterations = iterations }));
}
