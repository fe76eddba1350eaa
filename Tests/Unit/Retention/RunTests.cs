using MemoryMesh.Retention.Features;
using MemoryMesh.Retention.Scheduling;
using MemoryMesh.Retention.Storage;
using MemoryMesh.ServiceDefaults.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace MemoryMesh.Tests.Unit.Retention;

public class RunTests
{
    [Test]
    public async Task A_run_orders_batches_until_nothing_is_covered_and_counts_them()
    {
        var world = new RetentionWorld();
        var tenant = world.TenantWithPolicy();
        (world.Chat.Covered, world.Memory.Covered) = (1_201, 3);

        var run = await world.StartAsync(tenant);
        await world.CarryOutRun.HandleAsync(tenant, run.Id, default);

        var finished = world.Store.Runs[run.Id];
        Assert.Multiple(() =>
        {
            Assert.That((finished.Status, finished.Messages, finished.Memories, finished.Error), Is.EqualTo((RunStatus.Completed, 1_201L, 3L, (RunError?)null)));
            Assert.That(finished.FinishedAt, Is.Not.Null);
            Assert.That(world.Chat.Orders, Has.Count.EqualTo(4));
            Assert.That(world.Chat.Orders[0].CreatedBefore, Is.EqualTo(run.StartedAt.AddDays(-30)));
            Assert.That(world.Chat.Orders[0].ImportanceBelow, Is.EqualTo(0.5));
            Assert.That(world.Chat.Orders[0].Archive, Is.False);
            Assert.That(world.Chat.Orders.Select(order => order.TenantId).Distinct(), Is.EqualTo(new[] { tenant }));
        });
    }

    [Test]
    public async Task Only_what_the_policy_applies_to_is_ordered()
    {
        var world = new RetentionWorld();
        var tenant = world.TenantWithPolicy(RetentionAction.Archive, RetentionTargets.Memories);
        (world.Chat.Covered, world.Memory.Covered) = (5, 5);

        var run = await world.StartAsync(tenant);
        await world.CarryOutRun.HandleAsync(tenant, run.Id, default);

        Assert.Multiple(() =>
        {
            Assert.That(world.Chat.Orders, Is.Empty);
            Assert.That(world.Memory.Orders.Select(order => order.Archive), Is.All.True);
            Assert.That(world.Store.Runs[run.Id].Memories, Is.EqualTo(5));
        });
    }

    [Test]
    public async Task A_tenant_has_one_unfinished_run_at_a_time()
    {
        var world = new RetentionWorld();
        var (tenant, other) = (world.TenantWithPolicy(), world.TenantWithPolicy());
        var first = await world.StartAsync(tenant);

        var second = await world.StartRun.HandleAsync(tenant, RunTrigger.Manual, null, default);
        Assert.That((second.Run, second.Busy), Is.EqualTo(((RetentionRun?)null, true)));
        Assert.That((await world.StartRun.HandleAsync(other, RunTrigger.Manual, null, default)).Run, Is.Not.Null);

        await world.CarryOutRun.HandleAsync(tenant, first.Id, default);
        Assert.That((await world.StartRun.HandleAsync(tenant, RunTrigger.Manual, null, default)).Run, Is.Not.Null);
    }

    [Test]
    public async Task A_run_that_was_cut_off_is_continued_with_its_old_limit_of_age()
    {
        var world = new RetentionWorld();
        var tenant = world.TenantWithPolicy();
        world.Chat.Covered = 2_000;
        using var stopping = new CancellationTokenSource();
        world.Store.OnUpdate = run =>
        {
            if (run.Messages == 1_000)
            {
                stopping.Cancel();
            }
        };
        var started = await world.StartAsync(tenant);
        Assert.CatchAsync<OperationCanceledException>(() => world.CarryOutRun.HandleAsync(tenant, started.Id, stopping.Token));
        Assert.That(world.Store.Runs[started.Id].Status, Is.EqualTo(RunStatus.Running));

        // The next process: the policy was changed meanwhile, and days went by.
        world.Store.OnUpdate = _ => { };
        world.Store.Policies.Remove(tenant);
        world.Clock.Advance(TimeSpan.FromDays(3));
        var next = new CarryOutRun(world.Store, world.Chat, world.Memory, world.Clock, NullLogger<CarryOutRun>.Instance);
        using var worker = new RunWorker(world.Store, new RunQueue(), next, TimeProvider.System, NullLogger<RunWorker>.Instance);
        await worker.StartAsync(default);
        await Shared.Eventually.TrueAsync(
            () => Task.FromResult(world.Store.Runs[started.Id].Status == RunStatus.Completed), TimeSpan.FromSeconds(10), () => "The run was not continued.");
        await worker.StopAsync(default);

        Assert.Multiple(() =>
        {
            Assert.That(world.Store.Runs[started.Id].Messages, Is.EqualTo(2_000));
            Assert.That(world.Chat.Orders.Select(order => order.CreatedBefore).Distinct(), Is.EqualTo(new[] { started.CreatedBefore }));
        });
    }

    [Test]
    public async Task A_service_that_is_down_for_a_while_is_waited_for()
    {
        var world = new RetentionWorld();
        var tenant = world.TenantWithPolicy();
        world.Chat.Covered = 10;
        world.Chat.FailNext(CarryOutRun.Attempts - 1, () => new DependencyUnavailableException("down"));

        var run = await world.StartAsync(tenant);
        await world.CarryOutRun.HandleAsync(tenant, run.Id, default);

        Assert.That(world.Store.Runs[run.Id], Has.Property("Status").EqualTo(RunStatus.Completed).And.Property("Messages").EqualTo(10));
        Assert.That(world.Clock.Waits.Take(4).Select(wait => wait.TotalSeconds), Is.EqualTo(new[] { 1.0, 2, 4, 8 }));
    }

    [Test]
    public async Task A_service_that_stays_down_fails_the_run_but_not_the_other_half_of_it()
    {
        var world = new RetentionWorld();
        var tenant = world.TenantWithPolicy();
        world.Chat.FailNext(CarryOutRun.Attempts, () => new DependencyUnavailableException("down"));
        world.Memory.Covered = 7;

        var run = await world.StartAsync(tenant);
        await world.CarryOutRun.HandleAsync(tenant, run.Id, default);

        var finished = world.Store.Runs[run.Id];
        Assert.That((finished.Status, finished.Error, finished.Memories), Is.EqualTo((RunStatus.Failed, RunError.ChatUnavailable, 7L)));
    }

    [Test]
    public async Task A_defect_fails_the_run_without_further_tries()
    {
        var world = new RetentionWorld();
        var tenant = world.TenantWithPolicy();
        world.Memory.FailNext(1, () => new InvalidOperationException("defect"));

        var run = await world.StartAsync(tenant);
        await world.CarryOutRun.HandleAsync(tenant, run.Id, default);

        Assert.That((world.Store.Runs[run.Id].Status, world.Store.Runs[run.Id].Error), Is.EqualTo((RunStatus.Failed, (RunError?)RunError.MemoryFailed)));
        Assert.That(world.Memory.Orders, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_finished_run_is_not_carried_out_again()
    {
        var world = new RetentionWorld();
        var tenant = world.TenantWithPolicy();
        var run = await world.StartAsync(tenant);
        await world.CarryOutRun.HandleAsync(tenant, run.Id, default);
        world.Chat.Covered = 3;

        await world.CarryOutRun.HandleAsync(tenant, run.Id, default);

        Assert.That(world.Chat.Covered, Is.EqualTo(3));
    }
}
