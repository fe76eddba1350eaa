using MemoryMesh.Gateway;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Messaging;
using MemoryMesh.ServiceDefaults.Redis;
using MemoryMesh.ServiceDefaults.Security;

return await MemoryMeshHost.RunAsync(args, () =>
{
    var builder = MemoryMeshHost.CreateBuilder(args, GatewayModule.Name);
    OpenMode.Announce(builder.Configuration);
    builder.Services.AddGatewayModule().AddGatewayForwarding();
    builder.AddRabbitMqBus(listens: true);
    builder.AddSharedAnswers();

    var app = builder.Build();
    app.UseMemoryMeshGateway();
    app.MapGatewayEndpoints();
    app.MapGatewayForwarding();
    return app;
});
