import torch
import torch.nn.functional as F
from nets import Discriminator, Generator


def ring(n, modes=6):
    angle = torch.randint(0, modes, (n,)) * (2 * torch.pi / modes)
    return torch.stack([angle.cos(), angle.sin()], 1) + 0.05 * torch.randn(n, 2)


def d_hinge(real, fake):
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def main(steps=25, batch=64):
    torch.manual_seed(1)
    gen, dis = Generator(), Discriminator()
    opt_g = torch.optim.Adam(gen.parameters(), lr=2e-3, betas=(0.0, 0.9))
    opt_d = torch.optim.Adam(dis.parameters(), lr=4e-3, betas=(0.0, 0.9))
    for step in range(steps):
        fake = gen.sample(batch)

        opt_d.zero_grad()
        loss_d = d_hinge(dis(ring(batch)), dis(fake.detach()))
        loss_d.backward()
        opt_d.step()

        # the critic's gradients of this backward are thrown away by the next opt_d.zero_grad()
        opt_g.zero_grad()
        loss_g = -dis(fake).mean()
        loss_g.backward()
        opt_g.step()
        if step % 8 == 0:
            print(f"{step} d {loss_d.item():.3f}  g {loss_g.item():.3f}  spread {fake.std().item():.3f}")


if __name__ == "__main__":
    main()
