using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.Tests.Unit.Auth;

namespace MemoryMesh.Tests.Unit.Messaging;

public class SourceOrderTests
{
    private readonly SteppingClock _clock = new();
    private Recorder _seen = null!;
    private SourceOrder _order = null!;

    [SetUp]
    public void Create()
    {
        _seen = new Recorder();
        _order = new SourceOrder("chat", _seen, _clock);
    }

    [Test]
    public void Events_pass_in_order_once_whatever_order_they_come_in()
    {
        _order.Join(10);
        foreach (var position in new long[] { 12, 11, 11, 14, 12, 13, 9, 15 })
        {
            _order.Take(Event(position));
        }

        Assert.That(_seen.Calls, Is.EqualTo((string[])["begin 10", "pass 11", "pass 12", "pass 13", "pass 14", "pass 15"]));
    }

    [Test]
    public void Nothing_passes_before_the_source_told_where_it_stands()
    {
        _order.Take(Event(8));
        _order.Take(Event(11));
        Assert.That(_seen.Calls, Is.Empty);
        _order.Join(10);
        Assert.That(_seen.Calls, Is.EqualTo((string[])["begin 10", "pass 11"]));
    }

    [Test]
    public void An_event_that_does_not_come_is_given_up_after_a_while()
    {
        _order.Join(1);
        _order.Take(Event(3));
        _order.Take(Event(4));
        _order.Expire();
        Assert.That(_seen.Calls, Is.EqualTo((string[])["begin 1"]));
        _clock.Advance(SourceOrder.Patience + TimeSpan.FromMilliseconds(1));
        _order.Expire();
        _order.Take(Event(2));
        Assert.That(_seen.Calls, Is.EqualTo((string[])["begin 1", "miss 2", "pass 3", "pass 4"]));
    }

    [Test]
    public void After_a_lost_connection_only_what_was_handed_out_meanwhile_is_missed()
    {
        _order.Join(1);
        _order.Take(Event(2));
        _order.Join(2);
        Assert.That(_seen.Calls, Is.EqualTo((string[])["begin 1", "pass 2"]), "nothing was handed out");
        _order.Join(1);
        _order.Take(Event(3));
        _order.Join(7);
        _order.Take(Event(8));
        Assert.That(_seen.Calls, Is.EqualTo((string[])["begin 1", "pass 2", "pass 3", "miss 7", "pass 8"]));
    }

    [Test]
    public void Too_many_events_that_wait_for_one_give_it_up()
    {
        _order.Join(0);
        for (var position = 2L; position < SourceOrder.MaxWaiting + 3; position++)
        {
            _order.Take(Event(position));
        }

        Assert.That(_seen.Calls.Take(3), Is.EqualTo((string[])["begin 0", "miss 1", "pass 2"]));
    }

    private static PassingEvent Event(long position) => new("chat", position, Guid.NewGuid(), DateTimeOffset.UtcNow, null);

    private sealed class Recorder : IEventListener
    {
        public List<string> Calls { get; } = [];

        public void Begin(string source, long position) => Calls.Add($"begin {position}");

        public void Pass(PassingEvent item) => Calls.Add($"pass {item.Position}");

        public void Miss(string source, long position) => Calls.Add($"miss {position}");
    }
}
