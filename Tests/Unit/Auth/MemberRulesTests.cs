using MemoryMesh.Auth.Tenants;
using MemoryMesh.Contracts.Auth;

namespace MemoryMesh.Tests.Unit.Auth;

public class MemberRulesTests
{
    private static readonly TenantRole?[] Roles = [null, TenantRole.Viewer, TenantRole.Member, TenantRole.Admin, TenantRole.Owner];

    [Test]
    public void Admins_and_owners_change_roles_and_only_owners_those_of_owners()
    {
        foreach (var actor in Roles)
        {
            foreach (var before in Roles)
            {
                foreach (var after in Roles)
                {
                    var touchesOwner = before == TenantRole.Owner || after == TenantRole.Owner;
                    var expected = actor == TenantRole.Owner || (actor == TenantRole.Admin && !touchesOwner);
                    Assert.That(MemberRules.MayChange(actor, before, after), Is.EqualTo(expected), $"{actor} changes {before} to {after}");
                }
            }
        }
    }

    [TestCase(null, TenantRole.Owner, null)]
    [TestCase(TenantRole.Owner, null, TenantRole.Owner)]
    [TestCase(TenantRole.Admin, TenantRole.Viewer, TenantRole.Admin)]
    [TestCase(TenantRole.Member, TenantRole.Admin, TenantRole.Admin)]
    [TestCase(TenantRole.Member, TenantRole.Viewer, TenantRole.Viewer)]
    [TestCase(TenantRole.Member, null, null)]
    [TestCase(TenantRole.Viewer, TenantRole.Owner, TenantRole.Viewer)]
    [TestCase(TenantRole.Viewer, null, null)]
    public void In_a_team_the_tenants_admins_rule_and_its_viewers_read(TenantRole? inTenant, TenantRole? inTeam, TenantRole? expected)
        => Assert.That(MemberRules.RoleInTeam(inTenant, inTeam), Is.EqualTo(expected));
}
