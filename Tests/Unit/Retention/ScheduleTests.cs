using MemoryMesh.Retention.Scheduling;
using MemoryMesh.Retention.Storage;

namespace MemoryMesh.Tests.Unit.Retention;

public class ScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public async Task Without_an_age_nothing_is_ever_ordered()
    {
        var world = new RetentionWorld(options => options.ImportanceThreshold = 1, Guid.NewGuid(), Guid.NewGuid());

        await world.Pass.HandleAsync(default);

        Assert.Multiple(() =>
        {
            Assert.That(world.Policies.Default, Is.Null);
            Assert.That(world.Store.Runs, Is.Empty);
            Assert.That(world.Auth.Pages, Is.Zero, "Auth is not asked when no default policy is configured.");
        });
    }

    [Test]
    public async Task With_a_default_age_every_tenant_gets_a_run_page_by_page()
    {
        var tenants = Enumerable.Range(0, 401).Select(_ => Guid.NewGuid()).ToArray();
        var world = new RetentionWorld(options => options.MaxAgeDays = 90, tenants);

        await world.Pass.HandleAsync(default);

        var runs = world.Store.Runs.Values.ToList();
        Assert.Multiple(() =>
        {
            Assert.That(runs.Select(run => run.TenantId), Is.EquivalentTo(tenants));
            Assert.That(runs.Select(run => run.Policy).Distinct(), Is.EqualTo(new[]
            {
                new RetentionPolicy(90, 0.35, RetentionAction.Delete, RetentionTargets.Messages | RetentionTargets.Memories),
            }));
            Assert.That(runs.Select(run => (run.Trigger, run.ActorAccountId, run.Status)).Distinct(), Is.EqualTo(new[] { (RunTrigger.Schedule, (Guid?)null, RunStatus.Completed) }));
        });
    }

    [Test]
    public async Task A_tenants_own_policy_goes_before_the_default_and_can_switch_it_off()
    {
        var (own, off, plain) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var world = new RetentionWorld(options => (options.MaxAgeDays, options.Action) = (90, "archive"), own, off, plain);
        world.TenantWithPolicy(tenantId: own);
        world.TenantWithPolicy(tenantId: off, enabled: false);

        await world.Pass.HandleAsync(default);

        Assert.That(
            world.Store.Runs.Values.Select(run => (run.TenantId, run.Policy.MaxAgeDays, run.Policy.Action)),
            Is.EquivalentTo(new[] { (own, 30, RetentionAction.Delete), (plain, 90, RetentionAction.Archive) }));
    }

    [Test]
    public async Task Without_a_default_only_tenants_with_an_enabled_policy_get_a_run()
    {
        var world = new RetentionWorld(null, Guid.NewGuid());
        var tenant = world.TenantWithPolicy();
        world.TenantWithPolicy(enabled: false);

        await world.Pass.HandleAsync(default);

        Assert.That(world.Store.Runs.Values.Select(run => run.TenantId), Is.EqualTo(new[] { tenant }));
    }

    [Test]
    public async Task A_pass_notes_its_time_and_drops_old_records()
    {
        var world = new RetentionWorld(options => options.RunHistoryDays = 10);
        var tenant = world.TenantWithPolicy();
        await world.Pass.HandleAsync(default);
        var old = world.Store.Runs.Keys.Single();
        world.Clock.Advance(TimeSpan.FromDays(11));

        await world.Pass.HandleAsync(default);

        Assert.Multiple(() =>
        {
            Assert.That(world.Store.Runs.Values.Single().TenantId, Is.EqualTo(tenant));
            Assert.That(world.Store.Runs.Keys.Single(), Is.Not.EqualTo(old));
            Assert.That(world.Store.LastPass, Is.EqualTo(world.Store.Runs.Values.Single().StartedAt));
        });
    }

    [TestCase(null, 0, TestName = "The_first_pass_is_due_at_once")]
    [TestCase(-20.0, 4, TestName = "A_pass_is_due_an_interval_after_the_last_one_however_often_the_service_restarts")]
    [TestCase(-24.0, 0, TestName = "A_pass_is_due_when_the_interval_is_over")]
    [TestCase(-100.0, 0, TestName = "A_pass_that_was_missed_is_due_at_once")]
    [TestCase(5.0, 0, TestName = "A_last_pass_in_the_future_does_not_hold_back_the_next")]
    public void Next_due(double? lastHours, double expectedHours)
    {
        var last = lastHours is { } hours ? Now.AddHours(hours) : (DateTimeOffset?)null;
        Assert.That(RunSchedule.NextDue(last, TimeSpan.FromDays(1), Now), Is.EqualTo(Now.AddHours(expectedHours)));
    }
}
