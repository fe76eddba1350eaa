using MemoryMesh.Gateway;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Messaging;

return await MemoryMeshHost.RunAsync(() =>
{
    var builder = MemoryMeshHost.CreateBuilder(args, GatewayModule.Name);
    builder.Services.AddGatewayModule().AddGatewayForwarding();
    builder.AddRabbitMqBus(listens: true);

    var app = builder.Build();
    app.UseMemoryMeshGateway();
    app.MapGatewayEndpoints();
    app.MapGatewayForwarding();
    return app;
});
