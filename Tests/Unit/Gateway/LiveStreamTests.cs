using System.Runtime.CompilerServices;
using MemoryMesh.Contracts.Events;
using MemoryMesh.Gateway.Live;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.Options;

namespace MemoryMesh.Tests.Unit.Gateway;

public class LiveStreamTests
{
    private static readonly Guid Tenant = Guid.NewGuid();
    private readonly Dictionary<string, long> _positions = [];
    private LiveStream _stream = null!;

    [SetUp]
    public void Create()
    {
        _positions.Clear();
        _stream = Begin(perTenant: 10, all: 25);
    }

    [Test]
    public void A_client_sees_the_events_of_its_tenant_from_its_place_on()
    {
        Pass("chat", Tenant);
        var place = _stream.Open(Tenant, null, new LiveSignal());
        Pass("chat", Tenant);
        Pass("chat", Guid.NewGuid());
        Pass("memory", Tenant);
        Assert.That(Positions(place), Is.EqualTo((string[])["1:2", "2:1"]), "chat is source 1, memory is 2");
    }

    [Test]
    public void A_client_resumes_where_it_was_as_long_as_its_events_are_kept()
    {
        var first = _stream.Open(Tenant, null, new LiveSignal());
        for (var i = 0; i < 10; i++)
        {
            Pass("chat", Tenant);
        }

        Assert.That(_stream.Open(Tenant, first.Reached, new LiveSignal()).Resumed);
        Pass("chat", Tenant);
        Assert.Multiple(() =>
        {
            Assert.That(_stream.Open(Tenant, first.Reached, new LiveSignal()).Resumed, Is.False, "the first event was forgotten");
            Assert.That(Positions(first), Is.Null, "a client that is that far behind is told so");
        });
    }

    [Test]
    public void A_client_whose_events_are_all_of_other_tenants_resumes_however_many_there_were()
    {
        var place = _stream.Open(Tenant, null, new LiveSignal());
        for (var i = 0; i < 1_000; i++)
        {
            Pass("chat", Guid.NewGuid());
        }

        Assert.That(_stream.Open(Tenant, place.Reached, new LiveSignal()).Resumed);
        Assert.That(_stream.Kept, Is.EqualTo(25));
    }

    [Test]
    public void The_events_of_a_busy_tenant_do_not_push_out_those_of_another_beyond_their_share()
    {
        Pass("chat", Tenant);
        var other = Guid.NewGuid();
        for (var i = 0; i < 10_000; i++)
        {
            Pass("chat", other);
        }

        Assert.That(_stream.Kept, Is.EqualTo(11), "ten of the busy one, and one");
    }

    [Test]
    public void What_is_forgotten_takes_no_memory()
    {
        Pass("chat", Tenant);
        var oldest = FirstOf(other: Guid.NewGuid());
        GC.Collect();
        Assert.That(oldest.IsAlive, Is.False);
        Assert.That(_stream.Kept, Is.EqualTo(11), "behind one that is kept");

        // Apart, so that no register holds it.
        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference FirstOf(Guid other)
        {
            var place = _stream.Open(other, null, new LiveSignal());
            Pass("chat", other);
            var into = new LiveEvent[1];
            _stream.Read(place.Log, place.Next, into);
            for (var i = 0; i < 20; i++)
            {
                Pass("chat", other);
            }

            return new WeakReference(into[0]);
        }
    }

    [TestCase(1_000)]
    [TestCase(100)]
    [TestCase(50)]
    public void However_many_events_are_kept_each_is_read_as_it_came(int kept)
    {
        _stream = Begin(perTenant: kept, all: 100_000);
        var place = _stream.Open(Tenant, null, new LiveSignal());
        for (var i = 1; i <= 2_500; i++)
        {
            Pass("chat", Tenant);
            if (i % 70 == 0)
            {
                Pass("memory", Tenant);
            }
        }

        var (into, next) = (new LiveEvent[kept], place.Log.First);
        Assert.That(place.Log.Next - next, Is.EqualTo(kept));
        Assert.That(_stream.Read(place.Log, next, into), Is.EqualTo(kept));
        Assert.That(_stream.Kept, Is.EqualTo(kept));
        var ofChat = into.Where(item => item.Source == 1).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(ofChat.Select(item => item.Position), Is.EqualTo(Enumerable.Range(2_501 - ofChat.Count, ofChat.Count).Select(position => (long)position)));
            Assert.That(into.Select(item => item.Reached[item.Source]), Is.EqualTo(into.Select(item => item.Position)));
            Assert.That(into[^1].Reached[1..3], Is.EqualTo((long[])[2_500, 2_500 / 70]));
            Assert.That(_stream.Read(place.Log, next - 1, into), Is.EqualTo(-1));
            Assert.That(_stream.Open(Tenant, into[0].Reached, new LiveSignal()).Resumed);
        });

        // In any order, as clients that are behind do.
        var one = new LiveEvent[1];
        foreach (var at in (int[])[kept - 1, 0, kept / 2, 7, kept - 40])
        {
            _stream.Read(place.Log, next + at, one);
            Assert.That((one[0].Source, one[0].Position), Is.EqualTo((into[at].Source, into[at].Position)));
        }
    }

    [Test]
    public void The_oldest_of_all_are_forgotten_first_however_tenants_take_turns()
    {
        _stream = Begin(perTenant: 1_000, all: 600);
        Guid[] tenants = [Tenant, Guid.NewGuid(), Guid.NewGuid()];
        var places = tenants.Select(tenant => _stream.Open(tenant, null, new LiveSignal())).ToList();
        for (var i = 0; i < 2_000; i++)
        {
            Pass("chat", tenants[i / 100 % 3]);
        }

        Assert.That(_stream.Kept, Is.EqualTo(600));
        var kept = places.SelectMany(place =>
        {
            var into = new LiveEvent[1_000];
            return into[..Math.Max(0, _stream.Read(place.Log, place.Log.First, into))];
        });
        Assert.That(kept.Select(item => item.Position).Order(), Is.EqualTo(Enumerable.Range(1_401, 600).Select(position => (long)position)));
    }

    [Test]
    public void A_place_that_is_ahead_of_this_Gateway_or_before_its_start_is_not_resumed()
    {
        var ahead = _stream.Open(Tenant, null, new LiveSignal()).Reached;
        ahead[1] += 1;
        Assert.That(_stream.Open(Tenant, ahead, new LiveSignal()).Resumed, Is.False);
        Pass("chat", Guid.NewGuid());
        Assert.That(_stream.Open(Tenant, ahead, new LiveSignal()).Resumed, "it has come as far");

        _positions.Clear();
        var later = Begin(10, 25, start: 5);
        Assert.That(later.Open(Tenant, ahead, new LiveSignal()).Resumed, Is.False);
        Assert.That(later.Open(Tenant, [1, 2], new LiveSignal()).Resumed, Is.False);
    }

    [Test]
    public void Missed_events_reset_whoever_is_connected_and_whoever_comes_back()
    {
        var place = _stream.Open(Tenant, null, new LiveSignal());
        _stream.Miss("chat", 7);
        var into = new LiveEvent[1];
        Assert.That(_stream.Read(place.Log, place.Next, into), Is.EqualTo(1));
        Assert.That(into[0].Type, Is.EqualTo("reset"));
        Assert.That(_stream.Open(Tenant, place.Reached, new LiveSignal()).Resumed, Is.False);
        Assert.That(_stream.Open(Tenant, into[0].Reached, new LiveSignal()).Resumed);
    }

    [Test]
    public void A_place_is_read_back_for_its_tenant_alone()
    {
        using var cursors = new LiveCursors(new KeyRing(new byte[32], new byte[32]));
        var text = $"12.{cursors.Seal(Tenant, [-1, 0, 5, long.MaxValue - 1, 123_456_789])}";
        var opened = cursors.Open(Tenant, text);
        Assert.Multiple(() =>
        {
            Assert.That(opened?.Number, Is.EqualTo(12));
            Assert.That(opened?.Reached, Is.EqualTo((long[])[-1, 0, 5, long.MaxValue - 1, 123_456_789]));
            Assert.That(cursors.Open(Guid.NewGuid(), text), Is.Null);
            Assert.That(text, Has.Length.LessThan(LiveCursors.MaxLength));
            foreach (var wrong in (string[])["", ".", "1", "1.", "1.x", "1.****", "-1.AAAA", $"x{text}", text[..^1], $"{text}A", new string('1', 5_000), "1." + new string('A', 5_000)])
            {
                Assert.That(cursors.Open(Tenant, wrong), Is.Null, wrong);
            }
        });
    }

    [Test]
    public void Frames_are_limited_to_a_steady_rate_with_a_burst()
    {
        var clock = new Auth.SteppingClock();
        var budget = new FrameBudget(10, clock);
        Assert.That(Enumerable.Range(0, 25).Count(_ => budget.Take()), Is.EqualTo(20));
        clock.Advance(TimeSpan.FromSeconds(0.5));
        Assert.That(Enumerable.Range(0, 25).Count(_ => budget.Take()), Is.EqualTo(5));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.That(Enumerable.Range(0, 25).Count(_ => budget.Take()), Is.EqualTo(20));
    }

    private static LiveStream Begin(int perTenant, int all, long start = 0)
    {
        var stream = new LiveStream(Options.Create(new LiveOptions { EventsPerTenant = perTenant, Events = all }), TimeProvider.System);
        foreach (var source in new[] { "auth", "chat", "memory", "search", "retention", "gateway" })
        {
            stream.Begin(source, start);
        }

        return stream;
    }

    private void Pass(string source, Guid tenant)
    {
        var position = _positions[source] = _positions.GetValueOrDefault(source) + 1;
        var message = new MessageDeleted { TenantId = tenant, SubjectKey = Guid.NewGuid(), ConversationKey = Guid.NewGuid(), MessageId = Guid.NewGuid() };
        _stream.Pass(new PassingEvent(source, position, Guid.NewGuid(), DateTimeOffset.UtcNow, message));
    }

    private string[]? Positions(LivePlace place)
    {
        var into = new LiveEvent[100];
        var count = _stream.Read(place.Log, place.Next, into);
        return count < 0 ? null : [.. into.Take(count).Select(item => $"{item.Source}:{item.Position}")];
    }
}
